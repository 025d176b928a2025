import { API_ROOT } from "@passerelle/api";

/** What the target of a request asks for. Whatever two readers could read in two ways is refused. */
export type Target =
  | { readonly kind: "api"; readonly path: string }
  | { readonly kind: "page"; readonly path: string }
  | { readonly kind: "refused"; readonly code: "path_refused" | "not_found" };

export const TARGET_MAX = 4096;

/**
 * S-14: a guard that reads a path otherwise than the router behind it is no guard (CVE-2021-20090). So there is one
 * spelling of each path, and every other one is refused: no dot segments, no doubled slashes, no parameters, no
 * backslashes, nothing encoded that need not be.
 */
export function readTarget(target: string): Target {
  if (target.length > TARGET_MAX || !PLAIN_TARGET.test(target)) return REFUSED;
  const question = target.indexOf("?");
  const path = question < 0 ? target : target.slice(0, question);
  if (HOSTILE_ESCAPE.test(path) || BROKEN_ESCAPE.test(target)) return REFUSED;
  const segments = path.split("/").slice(1);
  const isOdd = segments.some(
    (segment, n) => (segment === "" && n < segments.length - 1) || segment.endsWith("."),
  );
  if (isOdd) return REFUSED;
  if (path === API_ROOT || path.startsWith(`${API_ROOT}/`)) return { kind: "api", path };
  // "/API/v1" or "/api/v2" is neither a page nor an operation.
  if (segments[0]?.toLowerCase() === API_FIRST) return { kind: "refused", code: "not_found" };
  return { kind: "page", path };
}

const REFUSED = { kind: "refused", code: "path_refused" } as const;
const API_FIRST = API_ROOT.split("/")[1] ?? "";

/** Origin form (RFC 9112 section 3.2.1), without ";" and "\". */
const PLAIN_TARGET = /^\/[A-Za-z0-9._~!$&'()*+,=:@%/-]*(\?[A-Za-z0-9._~!$&'()*+,=:@%/?[\]-]*)?$/;
/**
 * In the path: what needs no escape (letters, digits, "-", ".", "_", "~") comes plain or not at all; control octets,
 * "%", "/", "\", ";" don't come at all.
 */
const HOSTILE_ESCAPE =
  /%(?:[01][0-9a-f]|25|2d|2e|2f|3[0-9]|3b|4[1-9a-f]|5[0-9a]|5c|5f|6[1-9a-f]|7[0-9a]|7e|7f)/i;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;
