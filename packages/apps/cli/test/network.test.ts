import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { httpDoor } from "../src/http-door.ts";
import { FixtureBox, problemOf } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

/** The box at the other end of a network: addresses, tokens, and strangers who answer in its place. */
let box: FixtureBox;
let world: TestWorld;
let url: string;
const servers: { close(): unknown }[] = [];

beforeEach(async () => {
  box = new FixtureBox();
  url = urlOf(await box.listen(0));
  const { signal } = new AbortController();
  world = new TestWorld((target) => httpDoor(target, signal));
});
afterEach(() => {
  box.close();
  for (const server of servers.splice(0)) server.close();
});

function urlOf(server: Pick<Server, "address">): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const authorization = (): string | undefined => box.requests.at(-1)?.headers.authorization;

test("login asks for the password, keeps the token for this box, and the next command uses it", async () => {
  expect(await world.run("login", "--url", url)).toBe(0);
  expect(box.requests.at(-1)?.body).toEqual({
    kind: "password",
    password: "secret words",
    transport: "bearer",
  });
  expect(world.out).not.toContain("bearer-1");
  const { port } = new URL(url);
  expect([...world.files]).toEqual([
    [`/home/person/.local/state/passerelle/session-127.0.0.1_${port}`, "bearer-1\n"],
  ]);
  await world.run("devices", "--url", url);
  expect(authorization()).toBe("Bearer bearer-1");
  await world.run("logout", "--url", url);
  expect(world.files.size).toBe(0);
});

test("the token: that of --token-file, else of PASSERELLE_TOKEN, else that of login", async () => {
  const { port } = new URL(url);
  world.env = { PASSERELLE_URL: url };
  await world.run("devices");
  expect(authorization()).toBeUndefined();
  world.files.set(`/home/person/.local/state/passerelle/session-127.0.0.1_${port}`, "kept\n");
  await world.run("devices");
  expect(authorization()).toBe("Bearer kept");
  world.env = { PASSERELLE_URL: url, PASSERELLE_TOKEN: "env" };
  await world.run("devices");
  expect(authorization()).toBe("Bearer env");
  world.files.set("token", " file \n");
  await world.run("devices", "--token-file", "token");
  expect(authorization()).toBe("Bearer file");
});

test("over the local socket no token goes out", async () => {
  world.env = { PASSERELLE_TOKEN: "env", PASSERELLE_RUNTIME_DIR: "/nonexistent" };
  expect(await world.run("devices")).toBe(69);
  expect(world.err).toContain("[box_unreachable]\n  ENOENT");
});

test("a password file, and no password at all", async () => {
  world.files.set("password", "from a file\n");
  await world.run("step-up", "--url", url, "--password-file", "password");
  expect(box.requests.at(-1)?.body).toEqual({ kind: "password", password: "from a file" });
  world.password = "";
  expect(await world.run("login", "--url", url)).toBe(64);
});

test("what needs proof says how to give it here", async () => {
  box.problems.set("POST /nat/port-mappings", problemOf("step_up_required", 403));
  expect(await world.run("ports", "open", "80", "192.0.2.1", "--url", url)).toBe(77);
  expect(world.err).toContain('"passerelle step-up"');
});

test("waiting is said where it helps", async () => {
  box.problems.set("POST /sessions", { ...problemOf("too_many_attempts", 429), retryAfter: 8 });
  expect(await world.run("login", "--url", url)).toBe(75);
  expect(world.err).toContain("→ Wait 8 s.");
});

test("nobody listens: 69", async () => {
  const unused = createTcpServer().listen(0);
  const { port } = unused.address() as AddressInfo;
  await new Promise((resolve) => unused.close(resolve));
  expect(await world.run("status", "--url", `http://127.0.0.1:${port}`)).toBe(69);
  expect(world.err).toContain("ECONNREFUSED");
});

test("a stranger who answers with a page, a redirection, or garbage is no box: 69", async () => {
  for (const [status, text] of [
    [404, "<html>"],
    [302, ""],
    [500, "[]"],
  ] as const) {
    const server = createServer((_, response) => response.writeHead(status).end(text)).listen(0);
    servers.push(server);
    for (const words of [["devices"], ["api", "GET", "/hosts"], ["events", "wan"]]) {
      expect([status, words, await world.run(...words, "--url", urlOf(server))]).toEqual([
        status,
        words,
        69,
      ]);
      expect(world.err).toContain("[unreadable_answer]");
    }
  }
  const garbage = createTcpServer((socket) => socket.end("garbage\r\n\r\n")).listen(0);
  servers.push(garbage);
  const { port } = garbage.address() as AddressInfo;
  expect(await world.run("devices", "--url", `http://127.0.0.1:${port}`)).toBe(69);
  expect(world.err).toContain("[box_unreachable]");
});

test("an answer cut short is no answer", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"hosts":[]');
      socket.end();
    });
  }).listen(0);
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  expect(await world.run("devices", "--url", `http://127.0.0.1:${port}`)).toBe(69);
  expect(world.out).toBe("");
});

test("an answer without end is left, and what came of it is let go", async () => {
  const server = createServer((request, response) => {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  }).listen(0);
  servers.push(server);
  expect(await world.run("devices", "--url", urlOf(server))).toBe(1);
  expect(world.err).toContain("[answer_too_long]");
});

test("an answer that is a success but not of the API does not end in a crash", async () => {
  const server = createServer((_, response) => response.writeHead(200).end("<html>")).listen(0);
  servers.push(server);
  for (const words of [
    ["devices"],
    ["status"],
    ["ports"],
    ["config", "get"],
    ["log"],
    ["diag", "slow"],
  ]) {
    expect([words, await world.run(...words, "--url", urlOf(server))]).toEqual([words, 69]);
    expect(world.err).toContain("[unreadable_answer]");
  }
});
