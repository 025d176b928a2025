import { X509Certificate } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { createLinuxProcesses } from "@passerelle/process";
import { settle } from "@passerelle/service/testing";
import { hours } from "@passerelle/time";
import { afterEach, describe, expect, test } from "vitest";
import { freshAddress, LABEL, type Rig, type RigOptions, startRig, until } from "./rig.ts";

let rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs) {
    await rig.stop();
    await rig.context.dispose();
  }
  rigs = [];
});

/** With TLS: openssl is a real program, it takes its time. The calendar of the test must be that of the certificates. */
async function startSecure(options: RigOptions = {}): Promise<Rig> {
  const { ManualClock } = await import("@passerelle/service/testing");
  const rig = await startRig({ clock: new ManualClock({ wall: Date.now() }), ...options });
  rigs.push(rig);
  // With the name that people gave the box, too.
  const isNamed = () =>
    rig.context.log.lines.some(
      ({ message, fields }) =>
        message === "certificate_made" && String(fields.names).includes("chez-zoe"),
    );
  await until(() => listening(rig, true) && isNamed(), "TLS");
  await settle();
  return rig;
}

function made({ context }: Rig): number {
  return context.log.lines.filter(({ message }) => message === "certificate_made").length;
}

function listening({ context }: Rig, secure: boolean): boolean {
  return context.log.lines.some(
    ({ message, fields }) => message === "listening" && fields.secure === secure,
  );
}

/** What OpenSSL still offers for TLS 1.2 with a key like ours, and nobody should take: no authenticated encryption. */
const CBC = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA";

async function authorityOf(rig: Rig): Promise<string> {
  return (await rig.http("GET", "/api/v1/certificate")).text;
}

describe("S-26 TLS", () => {
  test("a browser that knows the authority of the box trusts its names and its address", async () => {
    const rig = await startSecure();
    const ca = await authorityOf(rig);
    const trusting = { rejectUnauthorized: true, ca };
    const byAddress = await rig.https("GET", "/api/v1/welcome", { tls: trusting });
    expect(byAddress.json).toMatchObject({ secure: true });
    for (const servername of ["box.home.arpa", "passerelle.home.arpa", "chez-zoe.home.arpa"]) {
      const tls = { ...trusting, servername };
      const named = await rig.https("GET", "/api/v1/welcome", {
        tls,
        headers: { host: servername },
      });
      expect(named.status, servername).toBe(200);
      expect(named.json.fingerprint).toBe(new X509Certificate(ca).fingerprint256);
    }
    const other = rig.https("GET", "/", { tls: { ...trusting, servername: "evil.test" } });
    await expect(other).rejects.toThrow(/altnames/);
  });

  test("two boxes have nothing in common", async () => {
    const [one, other] = [await startSecure(), await startSecure()];
    const [a, b] = [await authorityOf(one), await authorityOf(other)];
    const keys = [a, b].map((pem) =>
      new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" }),
    );
    expect(keys[0]).not.toBe(keys[1]);
    const tls = { rejectUnauthorized: true, ca: b };
    await expect(one.https("GET", "/", { tls })).rejects.toThrow(/certificate/);
  });

  test("1.1 is refused, 1.2 and 1.3 with forward secrecy only", async () => {
    const rig = await startSecure();
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
    expect(await handshake(rig, old)).toMatch(/alert|version|protocol/i);
    expect(await handshake(rig, { maxVersion: "TLSv1.2", ciphers: CBC })).toMatch(
      /alert|no shared|handshake|no cipher/i,
    );
    expect(await handshake(rig, { maxVersion: "TLSv1.2" })).toMatch(
      /^TLSv1\.2 TLS_ECDHE|^TLSv1\.2 ECDHE/,
    );
    expect(await handshake(rig, {})).toMatch(/^TLSv1\.3 /);
  });

  test("the authority can vouch for nothing but the home, and its key is for nobody else's eyes", async () => {
    const rig = await startSecure();
    const folder = join(rig.context.stateDirectory, "certificate");
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0);
    const text = await openssl(["x509", "-in", join(folder, "authority.pem"), "-noout", "-text"]);
    expect(text).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:home\.arpa/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    // Somebody has the key and makes a certificate of a bank.
    const evil = join(rig.context.runtimeDirectory, "evil.pem");
    writeFileSync(
      join(rig.context.runtimeDirectory, "evil.cnf"),
      "[e]\nsubjectAltName=DNS:bank.example\nbasicConstraints=CA:false\n",
    );
    const csr = await openssl([
      ...["req", "-new", "-key", join(folder, "box.key"), "-subj", "/CN=bank.example"],
    ]);
    writeFileSync(join(rig.context.runtimeDirectory, "evil.csr"), csr);
    const made = await openssl([
      ...["x509", "-req", "-in", join(rig.context.runtimeDirectory, "evil.csr")],
      ...["-CA", join(folder, "authority.pem"), "-CAkey", join(folder, "authority.key")],
      ...["-set_serial", "7", "-days", "30", "-extensions", "e"],
      ...["-extfile", join(rig.context.runtimeDirectory, "evil.cnf")],
    ]);
    writeFileSync(evil, made);
    const verdict = await openssl(["verify", "-CAfile", join(folder, "authority.pem"), evil], true);
    expect(verdict).toMatch(/permitted subtree violation/);
  });

  test("a certificate lasts 397 days at most, and is made again before it ends; the authority stays", async () => {
    const rig = await startSecure();
    const folder = join(rig.context.stateDirectory, "certificate");
    const leaf = async () =>
      new X509Certificate(await openssl(["x509", "-in", join(folder, "box.pem")]));
    const first = await leaf();
    const days = (first.validToDate.getTime() - first.validFromDate.getTime()) / (24 * 3_600_000);
    expect(days).toBeLessThanOrEqual(397);
    const authority = await authorityOf(rig);
    rig.context.clock.setWall(first.validToDate.getTime() - 59 * 24 * 3_600_000);
    const before = made(rig);
    await rig.context.clock.advance(hours(24));
    await until(() => made(rig) === before + 1, "a second certificate");
    await settle();
    expect((await leaf()).serialNumber).not.toBe(first.serialNumber);
    expect(await authorityOf(rig)).toBe(authority);
  });

  test("another address of the box is in the certificate by the time it is served", async () => {
    const rig = await startSecure();
    const moved = freshAddress();
    const before = made(rig);
    await rig.home([{ address: moved, former: [rig.address] }]);
    const ca = await authorityOf({
      ...rig,
      http: (m, p, c) => rig.http(m, p, { ...c, address: moved }),
    });
    await until(() => made(rig) === before + 1, "another certificate");
    await settle();
    // The one of before is in it as long as it is served.
    for (const address of [moved, rig.address]) {
      const tls = { rejectUnauthorized: true, ca };
      const reply = await rig.https("GET", "/api/v1/welcome", { address, tls });
      expect(reply.status, address).toBe(200);
    }
  });
});

describe("S-23 over TLS", () => {
  test("the cookie is one that stays there; a cookie of plain HTTP is nobody's here", async () => {
    const rig = await startSecure();
    const body = { kind: "password", password: LABEL, transport: "cookie" };
    const secure = await rig.https("POST", "/api/v1/sessions", { body });
    const set = secure.headers["set-cookie"]?.[0] ?? "";
    expect(set).toMatch(/^__Host-sid=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    const token = set.slice("__Host-sid=".length, "__Host-sid=".length + 64);
    const current = "/api/v1/sessions/current";
    const status = async (call: typeof rig.http, cookie: string) =>
      (await call("GET", current, { cookie })).status;
    expect(await status(rig.https, `__Host-sid=${token}`)).toBe(200);
    expect(await status(rig.https, `sid=${token}`)).toBe(401);
    expect(await status(rig.http, `__Host-sid=${token}`)).toBe(401);
  });
});

describe("https: required", () => {
  test("plain HTTP shows the way, hands out the certificate, takes a confirmation, and nothing else", async () => {
    const rig = await startSecure({ config: { https: "required" } });
    const page = await rig.http("GET", "/devices?x=1", { headers: { host: "box.home.arpa" } });
    expect(page.status).toBe(308);
    expect(page.headers.location).toBe("https://box.home.arpa:18443/devices?x=1");
    expect((await rig.http("GET", "/", { headers: { host: "evil.test" } })).status).toBe(421);
    expect((await rig.http("GET", "/api/v1/certificate")).status).toBe(200);
    const body = { kind: "password", password: LABEL, transport: "bearer" };
    const login = await rig.http("POST", "/api/v1/sessions", { body });
    expect(login.json).toMatchObject({ code: "https_required" });
    expect((await rig.https("POST", "/api/v1/sessions", { body })).status).toBe(201);
    const confirm = await rig.http("POST", "/api/v1/config/confirm", { body: { token: "x" } });
    expect(confirm.json).toMatchObject({ code: "wrong_token" });
  });
});

function handshake({ address, config }: Rig, options: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(
      { host: address, port: config.httpsPort, rejectUnauthorized: false, ...options },
      () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
        socket.destroy();
      },
    );
    socket.on("error", (error) => resolve(String(error)));
  });
}

async function openssl(words: readonly string[], mayFail = false): Promise<string> {
  const run = await createLinuxProcesses().run({ argv: ["openssl", ...words] });
  if (!run.ok) throw new Error(run.error.text);
  const text = [run.value.stdout, run.value.stderr].map((part) => new TextDecoder().decode(part));
  if (run.value.code !== 0 && !mayFail) throw new Error(text[1]);
  return mayFail ? text.join("") : (text[0] ?? "");
}
