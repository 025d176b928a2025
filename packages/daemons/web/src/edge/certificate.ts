import { createPublicKey, generateKeyPair, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Processes, textOf } from "@passerelle/process";
import { err, ok, type Result } from "@passerelle/result";
import { type Clock, type Logger, replaceFile } from "@passerelle/service";
import { minutes } from "@passerelle/time";
import {
  AUTHORITY_DAYS,
  authorityConfig,
  isCertifiable,
  isPrivateAddress,
  LEAF_DAYS,
  type LeafWish,
  leafExtensions,
  RENEW_BEFORE_MS,
  requestConfig,
} from "../core/certificate.ts";
import type { TlsIdentity } from "./listeners.ts";

/** The box's own authority, made once, and its certificate for the names and addresses of today. */
export interface Certificates {
  /** The names and addresses that the certificate should be good for; what is made comes by `changed`. */
  wish(wish: LeafWish): void;
  readonly identity: TlsIdentity | undefined;
  readonly authority: { readonly pem: string; readonly fingerprint: string } | undefined;
  readonly isFailing: boolean;
  close(): void;
}

export interface CertificatesOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly directory: string;
  readonly changed: () => void;
}

export function keepCertificates(options: CertificatesOptions): Certificates {
  return new Keeper(options);
}

class Keeper implements Certificates {
  readonly #options: CertificatesOptions;
  readonly #folder: string;
  #wish: LeafWish | undefined;
  #isMaking = false;
  #isClosed = false;
  #timer: { cancel(): void } | undefined;
  identity: TlsIdentity | undefined;
  authority: Certificates["authority"];
  isFailing = false;

  constructor(options: CertificatesOptions) {
    this.#options = options;
    this.#folder = join(options.directory, "certificate");
  }

  wish(wish: LeafWish): void {
    this.#wish = {
      names: wish.names.filter(isCertifiable),
      addresses: wish.addresses.filter(isPrivateAddress).filter(isCertifiable),
    };
    void this.#make();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** One making at a time; what is wished meanwhile is made after it. Looks again after a day, or soon where it failed. */
  async #make(): Promise<void> {
    if (this.#isMaking || this.#isClosed) return;
    this.#isMaking = true;
    this.#timer?.cancel();
    const { clock, log, changed } = this.#options;
    let failed = false;
    for (let made: LeafWish | undefined; made !== this.#wish && !this.#isClosed; ) {
      made = this.#wish;
      if (made === undefined) break;
      const result = await this.#makeOne(made);
      failed = !result.ok;
      if (!result.ok) log.warn("certificate_failed", { reason: result.error });
    }
    this.#isMaking = false;
    if (this.#isClosed) return;
    this.isFailing = failed;
    this.#timer = clock.later(failed ? RETRY_AFTER : LOOK_EVERY, () => void this.#make());
    changed();
  }

  async #makeOne(wish: LeafWish): Promise<Result<void, string>> {
    const wall = this.#options.clock.wall();
    // A box that has not heard the time yet would make a certificate of the past.
    if (wall < PLAUSIBLE) return err("the time is not known yet");
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const authority = await this.#authorityAt();
      if (!authority.ok) return authority;
      const leaf = await this.#leafFor(wish, authority.value, wall);
      if (!leaf.ok) return leaf;
      const { pem, x509 } = authority.value;
      this.authority = { pem, fingerprint: x509.fingerprint256 };
      this.identity = { key: leaf.value.key, cert: `${leaf.value.pem}${pem}` };
      return ok(undefined);
    } catch (error) {
      return err(String(error));
    }
  }

  async #authorityAt(): Promise<Result<Made, string>> {
    const [keyPath, certPath] = [this.#path("authority.key"), this.#path("authority.pem")];
    const known = readMade(keyPath, certPath);
    if (known !== undefined) return ok(known);
    const key = await drawKey();
    replaceFile(keyPath, key);
    const label = randomBytes(3).toString("hex");
    const configPath = this.#path("authority.cnf");
    replaceFile(configPath, authorityConfig(label));
    const made = await this.#openssl([
      ...["req", "-x509", "-new", "-sha256", "-key", keyPath, "-config", configPath],
      ...["-days", String(AUTHORITY_DAYS), "-set_serial", drawSerial()],
    ]);
    if (!made.ok) return made;
    replaceFile(certPath, made.value);
    this.#options.log.info("authority_made", { label });
    return ok({ key, pem: made.value, x509: new X509Certificate(made.value) });
  }

  async #leafFor(wish: LeafWish, authority: Made, wall: number): Promise<Result<Made, string>> {
    const [keyPath, certPath] = [this.#path("box.key"), this.#path("box.pem")];
    const known = readMade(keyPath, certPath);
    if (known !== undefined && isGoodFor(known, wish, authority, wall)) return ok(known);
    const key = await drawKey();
    const [newKey, request] = [this.#path("box.key.next"), this.#path("box.csr")];
    const [config, extensions] = [this.#path("request.cnf"), this.#path("leaf.cnf")];
    replaceFile(newKey, key);
    replaceFile(config, requestConfig());
    replaceFile(extensions, leafExtensions(wish));
    const asked = await this.#openssl(["req", "-new", "-key", newKey, "-config", config]);
    if (!asked.ok) return asked;
    replaceFile(request, asked.value);
    const made = await this.#openssl([
      ...["x509", "-req", "-sha256", "-in", request, "-set_serial", drawSerial()],
      ...["-CA", this.#path("authority.pem"), "-CAkey", this.#path("authority.key")],
      ...["-days", String(LEAF_DAYS), "-extfile", extensions, "-extensions", "leaf"],
    ]);
    if (!made.ok) return made;
    // A power cut between the two leaves a pair that does not fit: it is made again.
    replaceFile(keyPath, key);
    replaceFile(certPath, made.value);
    for (const path of [newKey, request, config, extensions]) rmSync(path, { force: true });
    const { names, addresses } = wish;
    this.#options.log.info("certificate_made", { names, addresses });
    return ok({ key, pem: made.value, x509: new X509Certificate(made.value) });
  }

  async #openssl(words: readonly string[]): Promise<Result<string, string>> {
    const done = await this.#options.processes.run({ argv: ["openssl", ...words] });
    if (!done.ok) return err(`openssl: ${done.error.code}`);
    const { code, stdout, stderr } = done.value;
    if (code === 0) return ok(textOf(stdout));
    return err(`openssl ${words[0]}: ${textOf(stderr).slice(0, 300)}`);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

interface Made {
  readonly key: string;
  readonly pem: string;
  readonly x509: X509Certificate;
}

/** Undefined where there is none, or a half of one. */
function readMade(keyPath: string, certPath: string): Made | undefined {
  if (!existsSync(keyPath) || !existsSync(certPath)) return undefined;
  try {
    const key = readFileSync(keyPath, "utf8");
    const pem = readFileSync(certPath, "utf8");
    const x509 = new X509Certificate(pem);
    const own = createPublicKey(key).export({ type: "spki", format: "der" });
    const fits = own.equals(x509.publicKey.export({ type: "spki", format: "der" }));
    return fits ? { key, pem, x509 } : undefined;
  } catch {
    return undefined;
  }
}

/** The wall clock only says when to make another: what a certificate is good for is its reader's to decide. */
function isGoodFor(leaf: Made, wish: LeafWish, authority: Made, wall: number): boolean {
  const { x509 } = leaf;
  if (!x509.checkIssued(authority.x509) || !x509.verify(authority.x509.publicKey)) return false;
  const [from, until] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
  if (wall < from || until - wall < RENEW_BEFORE_MS) return false;
  const covers =
    wish.names.every((name) => x509.checkHost(name, { wildcards: false }) !== undefined) &&
    wish.addresses.every((address) => x509.checkIP(address) !== undefined);
  const count = (x509.subjectAltName ?? "").split(",").length;
  return covers && count === wish.names.length + wish.addresses.length;
}

async function drawKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** 127 bits, positive (RFC 5280 section 4.1.2.2). */
function drawSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return `0x${bytes.toString("hex")}`;
}

const RETRY_AFTER = minutes(1);
const LOOK_EVERY = minutes(24 * 60);
/** 2026-01-01: no box is older than its software. */
const PLAUSIBLE = 1_767_225_600_000;
