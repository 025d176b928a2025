import type { Button } from "./board.ts";

/**
 * Flattened device trees (Devicetree Specification 0.4, chapter 5), as far as an overlay of ours needs them: Debian's package of
 * the Pi's firmware has no overlays, and its own are written for another kernel's tree.
 */
export interface TreeNode {
  readonly properties?: Readonly<Record<string, PropertyValue>>;
  readonly children?: Readonly<Record<string, TreeNode>>;
}

/** A text, or cells of 32 bits. */
type PropertyValue = string | readonly number[];

/**
 * A button between GPIO 21 and ground, the last two pins of the Pi's header: pulled up inside the chip, and quiet for 20 ms
 * before it counts.
 */
export function buttonOverlay(key: Button["key"]): Uint8Array {
  const button: TreeNode = {
    properties: {
      label: "passerelle",
      "linux,code": [KEY_CODES[key]],
      gpios: [NOT_KNOWN_YET, GPIO, GPIO_ACTIVE_LOW | GPIO_PULL_UP],
      "debounce-interval": [20],
    },
  };
  const keys: TreeNode = {
    properties: { compatible: "gpio-keys" },
    children: { button },
  };
  return flatTree({
    properties: { compatible: "brcm,bcm2835" },
    children: {
      "fragment@0": {
        properties: { "target-path": "/" },
        children: { __overlay__: { children: { "passerelle-button": keys } } },
      },
      // Where whoever lays it over the tree puts the number of the node that is called gpio there.
      __fixups__: {
        properties: { gpio: "/fragment@0/__overlay__/passerelle-button/button:gpios:0" },
      },
    },
  });
}

/** linux/input-event-codes.h; `system` knows the same (packages/daemons/system/src/core/button.ts). */
const KEY_CODES: Readonly<Record<Button["key"], number>> = {
  KEY_POWER: 0x074,
  KEY_RESTART: 0x198,
  KEY_WPS_BUTTON: 0x211,
};
const GPIO = 21;
/** dt-bindings/gpio/gpio.h. */
const GPIO_ACTIVE_LOW = 1;
const GPIO_PULL_UP = 0x10;
const NOT_KNOWN_YET = 0xffff_ffff;

export function flatTree(root: TreeNode): Uint8Array {
  const names = new Map<string, number>();
  let namesEnd = 0;
  const offsetOf = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const offset = namesEnd;
    names.set(name, offset);
    namesEnd += name.length + 1;
    return offset;
  };
  const structure = Buffer.concat([nodeBlock("", root, offsetOf), cells([FDT_END])]);
  const strings = Buffer.from([...names.keys()].map((name) => `${name}\0`).join(""), "latin1");
  // No memory is reserved: the list has its end only.
  const reserved = cells([0, 0, 0, 0]);
  const structureAt = HEADER_BYTES + reserved.length;
  const stringsAt = structureAt + structure.length;
  const header = cells([
    ...[FDT_MAGIC, stringsAt + strings.length, structureAt, stringsAt, HEADER_BYTES],
    ...[FDT_VERSION, FDT_LAST_COMPATIBLE, 0, strings.length, structure.length],
  ]);
  return Buffer.concat([header, reserved, structure, strings]);
}

function nodeBlock(name: string, node: TreeNode, offsetOf: (name: string) => number): Buffer {
  const properties = Object.entries(node.properties ?? {}).map(([key, value]) => {
    const bytes = typeof value === "string" ? Buffer.from(`${value}\0`, "latin1") : cells(value);
    return Buffer.concat([cells([FDT_PROP, bytes.length, offsetOf(key)]), padded(bytes)]);
  });
  const children = Object.entries(node.children ?? {}).map(([key, child]) =>
    nodeBlock(key, child, offsetOf),
  );
  const begin = [cells([FDT_BEGIN_NODE]), padded(Buffer.from(`${name}\0`, "latin1"))];
  return Buffer.concat([...begin, ...properties, ...children, cells([FDT_END_NODE])]);
}

function cells(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

const FDT_MAGIC = 0xd00d_feed;
const FDT_VERSION = 17;
const FDT_LAST_COMPATIBLE = 16;
const HEADER_BYTES = 40;
const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_END = 9;
