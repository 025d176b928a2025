import { describe, expect, it } from "vitest";
import { mirrorOf } from "../src/mirror.ts";

const DEB822 = `Types: deb
# URIs: http://old.example/debian
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates

Types: deb
URIs: http://security.example/debian-security/
Suites: bookworm-security
`;

describe("where this machine gets its Debian", () => {
  it("is read from deb822 files, without what is commented out", () => {
    expect(mirrorOf([DEB822])).toEqual({
      main: "http://mirror.example/debian",
      security: "http://security.example/debian-security",
    });
  });

  it("is read from one-line files, with options and without a security archive", () => {
    const line = "deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian/ bookworm main\n";
    expect(mirrorOf([`# deb https://x.example/debian bookworm main\n${line}`])).toEqual({
      main: "https://mirror.example/debian",
      security: "https://mirror.example/debian-security",
    });
  });

  it("is not another archive", () => {
    expect(mirrorOf(["deb https://tools.example/apt stable main\n"])).toBeUndefined();
    expect(mirrorOf([])).toBeUndefined();
  });
});
