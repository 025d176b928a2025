import { describe, expect, it } from "vitest";
import { digestAuthorization, digestChallenge } from "../src/http/digest.ts";

describe("RFC 7616 section 3.9.1", () => {
  const params = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("answers %s", (algorithm, response) => {
    const challenge = digestChallenge(`Digest ${params}, algorithm=${algorithm}`);
    if (challenge === undefined) throw new Error("no challenge");
    const authorization = digestAuthorization({
      challenge,
      user: "Mufasa",
      password: "Circle of Life",
      method: "GET",
      uri: "/dir/index.html",
      cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      count: 1,
    });
    expect(authorization).toContain(`response="${response}"`);
    expect(authorization).toContain("nc=00000001, cnonce=");
    expect(authorization).toContain('username="Mufasa"');
  });
});

describe("challenge", () => {
  it.each([
    ['Digest realm="a", nonce="b"', { realm: "a", nonce: "b", algorithm: "MD5" }],
    [
      'Basic realm="x", Digest realm="a \\"q\\"", nonce="b", algorithm=MD5, qop=auth',
      { realm: 'a "q"', nonce: "b", algorithm: "MD5", qop: "auth" },
    ],
    [
      'Digest realm="a", nonce="b", algorithm=SHA-512-256, Digest realm="c", nonce="d", algorithm=md5',
      { realm: "c", nonce: "d", algorithm: "MD5" },
    ],
    ['Basic realm="x"', undefined],
    ['Digest realm="a"', undefined],
    ['Digest realm="a", nonce="b", qop="auth-int"', undefined],
    ['Digest realm="a\u0001", nonce="b"', undefined],
    [`Digest ${"a=b, ".repeat(2000)}`, undefined],
    ["", undefined],
  ])("%s", (header, challenge) => {
    expect(digestChallenge(header)).toEqual(challenge);
  });

  it("is said back as it came", () => {
    const authorization = digestAuthorization({
      challenge: { realm: 'a "q"', nonce: "n", algorithm: "MD5" },
      ...{ user: "é", password: "p", method: "POST", uri: "/", cnonce: "c", count: 1 },
    });
    expect(authorization).toContain('realm="a \\"q\\""');
    // Octets of UTF-8, each as a character of a header.
    expect(authorization).toContain('username="\u00c3\u00a9"');
    expect(authorization).not.toContain("qop");
  });
});
