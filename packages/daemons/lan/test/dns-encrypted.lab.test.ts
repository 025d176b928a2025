import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createSecureServer as createHttp2Server } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, createServer as createTlsServer } from "node:tls";
import { decodeMessage } from "@passerelle/dns";
import { enterPrivateNetwork } from "@passerelle/native";
import { afterEach, describe, expect, test } from "vitest";
import { frame, StreamFrames } from "../src/edge/dns/stream-frames.ts";
import { a, addresses, answerTo, ask, GOOD, openForwarder } from "./dns-lab-support.ts";

enterPrivateNetwork();

let forwarder: Awaited<ReturnType<typeof openForwarder>>;

afterEach(() => {
  expect(forwarder.errors).toEqual([]);
  expect(forwarder.statistics().internalErrors).toBe(0);
  forwarder.stop();
});

describe("encrypted upstreams", () => {
  const folder = mkdtempSync(join(tmpdir(), "dns-lab-"));
  const key = join(folder, "key.pem");
  const cert = join(folder, "cert.pem");
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      cert,
      "-subj",
      "/CN=dns.example",
      "-addext",
      "subjectAltName=DNS:dns.example",
    ],
    { stdio: "ignore" },
  );
  const identity = { key: readFileSync(key), cert: readFileSync(cert) };
  const trust = createSecureContext({ ca: identity.cert });
  const reply = (bytes: Uint8Array): Uint8Array => {
    const query = decodeMessage(Uint8Array.from(bytes));
    if (!query.ok) throw new Error(query.error.code);
    return answerTo(query.value, [a(query.value.questions[0]?.name ?? "")]);
  };

  test("DoT: one connection for many questions; a wrong name in the certificate ends it", async () => {
    let connections = 0;
    const server = createTlsServer({ ...identity, ALPNProtocols: ["dot"] }, (socket) => {
      connections += 1;
      const frames = new StreamFrames();
      socket.on("error", () => undefined);
      socket.on("data", (piece: Buffer) =>
        frames.push(piece, (b) => socket.write(frame(reply(b))) || true),
      );
    });
    await new Promise<void>((done) => server.listen(853, "127.0.0.13", done));
    const dot = { address: "127.0.0.13", protocol: "tls", serverName: "dns.example" } as const;
    forwarder = await openForwarder({ upstreams: [dot] }, { secureContext: trust });
    for (const name of ["a.example", "b.example", "c.example"])
      expect(addresses(await ask(name))).toEqual([GOOD]);
    expect(connections).toBe(1);
    forwarder.stop();
    forwarder = await openForwarder(
      { upstreams: [{ ...dot, serverName: "other.example" }] },
      { secureContext: trust },
    );
    expect((await ask("d.example"))?.header.rcode).toBe(2);
    forwarder.stop();
    forwarder = await openForwarder({ upstreams: [dot] });
    expect((await ask("e.example"))?.header.rcode).toBe(2);
    server.close();
  });

  test("DoH: POST over HTTP/2 with ID 0; a status other than 200 is no answer", async () => {
    const seen: string[] = [];
    const server = createHttp2Server(identity);
    server.on("stream", (stream, headers) => {
      const pieces: Buffer[] = [];
      stream.on("error", () => undefined);
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const query = Buffer.concat(pieces);
        seen.push(
          `${headers[":method"]} ${headers[":path"]} ${headers[":authority"]} ${headers["content-type"]} id ${query.readUInt16BE(0)}`,
        );
        const bad = query.includes("bad");
        if (!("respond" in stream && typeof stream.respond === "function")) return;
        stream.respond({ ":status": bad ? 500 : 200, "content-type": "application/dns-message" });
        stream.end(reply(query));
      });
    });
    await new Promise<void>((done) => server.listen(443, "127.0.0.14", done));
    forwarder = await openForwarder(
      { upstreams: [{ address: "127.0.0.14", protocol: "https", serverName: "dns.example" }] },
      { secureContext: trust },
    );
    expect(addresses(await ask("a.example"))).toEqual([GOOD]);
    expect((await ask("bad.example"))?.header.rcode).toBe(2);
    expect(addresses(await ask("c.example"))).toEqual([GOOD]);
    expect(seen[0]).toBe("POST /dns-query dns.example application/dns-message id 0");
    forwarder.stop();
    server.close();
  });
});
