import type { IncomingHttpHeaders } from "node:http";

/** The token that came along, and how. */
export interface CarriedToken {
  readonly text: string;
  readonly transport: "cookie" | "bearer";
}

/** Only a connection that nobody can listen to is given the cookie that browsers send to no other. */
export function cookieName(secure: boolean): string {
  return secure ? "__Host-sid" : "sid";
}

/** The header wins: a program that sends one means it, even where it is wrong. Two cookies of one name are nobody's. */
export function tokenOf(headers: IncomingHttpHeaders, cookie: string): CarriedToken | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const text = BEARER.exec(authorization)?.[1];
    return text === undefined ? undefined : { text, transport: "bearer" };
  }
  const found = (headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim().split("="))
    .filter(([name]) => name === cookie);
  const text = found.length === 1 ? found[0]?.[1] : undefined;
  return text !== undefined && TOKEN.test(text) ? { text, transport: "cookie" } : undefined;
}

/** S-23: no script reads it, no other site makes a browser send it; over TLS it stays there and at this very host. */
export function setCookie(
  secure: boolean,
  token: string,
  maxAgeSeconds: number | undefined,
): string {
  return [
    `${cookieName(secure)}=${token}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    ...(secure ? ["Secure"] : []),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ].join("; ");
}

export function clearCookie(secure: boolean): string {
  return setCookie(secure, "", 0);
}

const BEARER = /^Bearer ([0-9a-f]{64})$/i;
const TOKEN = /^[0-9a-f]{64}$/;
