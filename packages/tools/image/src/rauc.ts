import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import { COMMON, ROOT } from "./paths.ts";
import { run } from "./run.ts";

/** Who signs a bundle, and what a box believes. Paths of PEM files. */
export interface Signing {
  readonly key: string;
  readonly certificate: string;
  /** Goes into the image as /etc/rauc/keyring.pem. */
  readonly keyring: string;
}

/**
 * `SIGNING_KEY` and `SIGNING_CERT` of the environment, and `SIGNING_CA` where the certificate is not its own authority.
 * Without them a development authority, made once for this checkout: such an image takes bundles of nobody else.
 */
export function signingOf(environment: Readonly<Record<string, string | undefined>>): Signing {
  const { SIGNING_KEY: key, SIGNING_CERT: certificate, SIGNING_CA: authority } = environment;
  if (key === undefined && certificate === undefined) {
    return developmentSigning(join(ROOT, "build/keys"));
  }
  if (key === undefined || certificate === undefined) {
    throw new BuildError("SIGNING_KEY and SIGNING_CERT go together");
  }
  const signing = { key, certificate, keyring: authority ?? certificate };
  for (const path of Object.values(signing)) {
    // RAUC can ask a token for the key.
    if (!path.startsWith("pkcs11:") && !existsSync(path))
      throw new BuildError(`there is no ${path}`);
  }
  return signing;
}

/** An authority and a key it has certified, in a folder that is made when it is not there. */
export function developmentSigning(folder: string): Signing {
  const at = (name: string): string => join(folder, name);
  const signing = {
    key: at("signing-key.pem"),
    certificate: at("signing.pem"),
    keyring: at("ca.pem"),
  };
  if (existsSync(folder)) return signing;
  // Made beside and moved, so that one that was interrupted is not taken for a whole one.
  const making = `${folder}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true, mode: 0o700 });
  const made = (name: string): string => join(making, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256"];
  run([
    ...(["openssl", "req", "-x509", "-days", DAYS, ...newKey] as const),
    ...["-keyout", made("ca-key.pem"), "-out", made("ca.pem")],
    ...["-subj", "/O=Passerelle/CN=Development authority, not for release"],
    ...["-addext", "basicConstraints=critical,CA:TRUE,pathlen:0"],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
  ]);
  run([
    ...(["openssl", "req", "-new", ...newKey] as const),
    ...["-keyout", made("signing-key.pem"), "-out", made("signing.csr")],
    ...["-subj", "/O=Passerelle/CN=Development bundles"],
  ]);
  writeFileSync(made("leaf.cnf"), LEAF_EXTENSIONS);
  run([
    ...(["openssl", "x509", "-req", "-days", DAYS, "-sha256", "-in", made("signing.csr")] as const),
    ...["-CA", made("ca.pem"), "-CAkey", made("ca-key.pem"), "-set_serial", "1"],
    ...["-extfile", made("leaf.cnf"), "-out", made("signing.pem")],
  ]);
  renameSync(making, folder);
  return signing;
}

/** What the upgrade engine needs in the root file system. */
export function installUpgradeEngine(
  tree: string,
  options: { readonly board: string; readonly version: string; readonly keyring: string },
): void {
  const configuration = readFileSync(join(COMMON, "rauc/system.conf"), "utf8")
    .replace("@COMPATIBLE@", compatibleOf(options.board))
    .replace("@VERSION@", options.version);
  mkdirSync(join(tree, "etc/rauc"), { recursive: true });
  writeFileSync(join(tree, "etc/rauc/system.conf"), configuration);
  copyFileSync(options.keyring, join(tree, "etc/rauc/keyring.pem"));
  copyFileSync(join(COMMON, "fw_env.config"), join(tree, "etc/fw_env.config"));
  const handler = join(tree, "usr/lib/passerelle/upgrade-check");
  mkdirSync(join(tree, "usr/lib/passerelle"), { recursive: true });
  copyFileSync(join(COMMON, "rauc/upgrade-check"), handler);
  chmodSync(handler, 0o755);
  for (const path of ["etc/rauc/system.conf", "etc/rauc/keyring.pem", "etc/fw_env.config"]) {
    chmodSync(join(tree, path), 0o644);
  }
}

/** One signed file that a box can install: the whole of a slot. */
export function makeBundle(options: {
  readonly bundle: string;
  readonly slot: string;
  readonly board: string;
  readonly version: string;
  readonly builtAt: string;
  readonly signing: Signing;
  readonly work: string;
}): void {
  const content = join(options.work, "bundle");
  rmSync(content, { recursive: true, force: true });
  mkdirSync(content, { recursive: true });
  linkOrCopy(options.slot, join(content, SLOT_FILE));
  writeFileSync(join(content, "manifest.raucm"), bundleManifest(options));
  rmSync(options.bundle, { force: true });
  run([
    ...(["rauc", "bundle", `--cert=${options.signing.certificate}`] as const),
    ...[`--key=${options.signing.key}`, `--signing-keyring=${options.signing.keyring}`],
    // What is in the slot is compressed already: this is for the room between.
    ...["--mksquashfs-args=-comp zstd -Xcompression-level 3 -no-progress -quiet"],
    ...[content, options.bundle],
  ]);
  rmSync(content, { recursive: true });
}

export function bundleManifest(options: {
  readonly board: string;
  readonly version: string;
  readonly builtAt: string;
}): string {
  return [
    "[update]",
    `compatible=${compatibleOf(options.board)}`,
    `version=${options.version}`,
    `build=${options.builtAt}`,
    "",
    "[bundle]",
    "format=verity",
    "",
    "[image.system]",
    `filename=${SLOT_FILE}`,
    "",
  ].join("\n");
}

function compatibleOf(board: string): string {
  return `passerelle-${board}`;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    copyFileSync(from, to);
  }
}

const SLOT_FILE = "slot.ext4";
/** A hundred years: what ends a development key is that it is thrown away. */
const DAYS = "36500";
const LEAF_EXTENSIONS = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "subjectKeyIdentifier=hash",
  "authorityKeyIdentifier=keyid",
  "",
].join("\n");
