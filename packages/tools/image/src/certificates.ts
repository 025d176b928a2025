import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { walkTree } from "./walk.ts";

/** The bundle of root certificates, as update-ca-certificates would make it; the single files go with the pruning. */
export function makeCertificates(tree: string): void {
  const source = "usr/share/ca-certificates";
  const texts = walkTree(tree, source)
    .filter(({ kind, path }) => kind === "file" && path.endsWith(".crt"))
    .map(({ path }) => `${readFileSync(join(tree, path), "utf8").trimEnd()}\n`);
  if (texts.length === 0) throw new Error("invariant: ca-certificates brings certificates");
  const folder = join(tree, "etc/ssl/certs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ca-certificates.crt"), texts.join(""));
}
