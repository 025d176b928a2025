import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isForeign, isForeignSocket } from "../src/core/foreign.ts";
import { certifiedNames, hostLabel, isOwnHost, ownNames } from "../src/core/host.ts";
import { readTarget } from "../src/core/path.ts";
import { isWeakPassword } from "../src/core/weak-password.ts";
import { PATH_TRICKS } from "./guard-tricks.ts";

describe("S-14 a path has one spelling", () => {
  test.each(PATH_TRICKS)("%j is refused", (target) => {
    expect(readTarget(target)).toEqual({ kind: "refused", code: "path_refused" });
  });

  test.each([
    "/API/v1/hosts",
    "/Api/v1/hosts",
    "/api",
    "/api/",
    "/api/v2/hosts",
    "/api/V1/hosts",
    "/api/v1x",
  ])("%j is nothing", (target) => {
    expect(readTarget(target)).toEqual({ kind: "refused", code: "not_found" });
  });

  test.each([
    ["/api/v1/hosts", "api"],
    ["/api/v1/hosts?x=%2F..%2f", "api"],
    ["/api/v1/hosts/00%3A11%3a22", "api"],
    ["/api/v1/hosts/Zo%C3%A9", "api"],
    ["/", "page"],
    ["/devices/00:11", "page"],
    ["/assets/index-BfXJ3k2_.js", "page"],
    ["/apiary", "page"],
  ])("%j is for the %s", (target, kind) => {
    expect(readTarget(target)).toMatchObject({ kind });
  });

  test("what passes is what the router behind reads, letter by letter", () => {
    const piece = fc.constantFrom(
      ...[
        "/",
        "//",
        ".",
        "..",
        "%2e",
        "%2f",
        "%5c",
        "\\",
        ";",
        "api",
        "v1",
        "hosts",
        "%61",
        "A",
        "%00",
        " ",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const target = `/${pieces.join("")}`;
        const read = readTarget(target);
        if (read.kind === "refused") return;
        expect(new URL(`http://box${target}`).pathname).toBe(read.path);
      }),
      { numRuns: 3000 },
    );
  });

  test("a long target is refused", () => {
    expect(readTarget(`/${"a".repeat(5000)}`).kind).toBe("refused");
  });
});

describe("S-17 the box answers to its own names", () => {
  const names = new Set(
    ownNames({ device: "Chez Zoé!", domain: "maison.test", further: ["localhost"] }),
  );
  const own = { address: "192.168.1.1", names };
  test.each([
    "192.168.1.1",
    "192.168.1.1:8080",
    "box.home.arpa",
    "BOX.home.arpa.",
    "box.home.arpa:443",
    "passerelle.home.arpa",
    "chez-zoe.home.arpa",
    "chez-zoe.maison.test",
    "box",
    "localhost",
  ])("%s is one", (host) => {
    expect(isOwnHost(host, own)).toBe(true);
  });
  test.each([
    undefined,
    "",
    "evil.test",
    "192.168.1.2",
    "box.home.arpa.evil.test",
    "evil.test:80@box.home.arpa",
    "box.home.arpa/evil",
    "box.home.arpa, evil.test",
    "box.home.arpa:999999",
    "[::1]",
    "0xc0a80101",
    "192.168.1.1.",
  ])("%s is none", (host) => {
    expect(isOwnHost(host, own)).toBe(host === "192.168.1.1.");
  });
  test("the authority vouches for those below home.arpa alone", () => {
    expect(certifiedNames([...names])).toEqual([
      "box.home.arpa",
      "passerelle.home.arpa",
      "chez-zoe.home.arpa",
    ]);
  });
  test("whatever the box is called, its label is one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const label = hostLabel(text);
        return label === undefined || /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
      }),
    );
  });
});

describe("S-16 a change comes from our own page, or from a program", () => {
  const own = {
    method: "POST",
    ownOrigin: "http://box.home.arpa",
    origin: "http://box.home.arpa",
    fetchSite: "same-origin",
    contentType: "application/json",
    hasBody: true,
    isMarked: true,
    hasBearer: false,
  };
  test("our page, and a program with a token", () => {
    expect(isForeign(own)).toBe(false);
    expect(isForeign({ ...own, contentType: "application/json; charset=utf-8" })).toBe(false);
    expect(isForeign({ ...own, hasBody: false, contentType: undefined })).toBe(false);
    const file = { ...own, contentType: "application/octet-stream" };
    expect([isForeign(file), isForeign({ ...file, takesFile: true })]).toEqual([true, false]);
    for (const contentType of ["text/plain", "multipart/form-data", "application/octet-stream;x"])
      expect(isForeign({ ...file, contentType, takesFile: true })).toBe(true);
    expect(isForeign({ ...file, takesFile: true, isMarked: false })).toBe(true);
    const program = { ...own, origin: undefined, fetchSite: undefined };
    expect(isForeign({ ...program, isMarked: false, hasBearer: true })).toBe(false);
    expect(isForeign({ ...program, fetchSite: "none" })).toBe(false);
  });
  // Each one defence alone must be enough.
  test.each([
    ["another origin", { origin: "http://evil.test" }],
    ["another port of ours", { origin: "http://box.home.arpa:8080" }],
    ["our name without TLS", { ownOrigin: "https://box.home.arpa" }],
    ["a sandboxed page", { origin: "null" }],
    ["another site, as the browser says", { fetchSite: "cross-site" }],
    ["a neighbour of our site", { fetchSite: "same-site" }],
    ["a form", { contentType: "text/plain" }],
    ["a form with json in it", { contentType: "text/plain; application/json" }],
    ["a body of no type", { contentType: undefined }],
    ["no mark and no token", { isMarked: false }],
  ])("%s is refused", (_, change) => {
    expect(isForeign({ ...own, ...change })).toBe(true);
    expect(isForeign({ ...own, ...change, method: "DELETE" })).toBe(true);
    expect(isForeign({ ...own, ...change, method: "GET" })).toBe(false);
  });
  test("a WebSocket of another page", () => {
    const { ownOrigin } = own;
    expect(isForeignSocket({ ownOrigin, origin: ownOrigin })).toBe(false);
    expect(isForeignSocket({ ownOrigin })).toBe(false);
    expect(isForeignSocket({ ownOrigin, origin: "http://evil.test" })).toBe(true);
    expect(isForeignSocket({ ownOrigin, origin: ownOrigin, fetchSite: "cross-site" })).toBe(true);
  });
});

test("a weak password is among the first that somebody would try", () => {
  const weak = (next: string) => isWeakPassword(next, "the current one", "Label-pass-12");
  for (const next of [
    "the current one",
    "Label-pass-12",
    "aaaaaaaaaaaa",
    "1234567890",
    "0123456789",
    "abcdefghijkl",
    "password2026",
    "Passerelle!1",
    "motdepasse123",
  ])
    expect(weak(next), next).toBe(true);
  for (const next of ["correct horse battery", "Zoé aime 3 tartes", "kd82hf0sla"])
    expect(weak(next), next).toBe(false);
});
