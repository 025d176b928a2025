import { createHash } from "node:crypto";

/** Who we are to the operator, without saying it: a lease belongs to one line and one identity. */
export function lineDigest(identity: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex");
}
