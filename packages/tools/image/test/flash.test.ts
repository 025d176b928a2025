import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeBootState } from "../src/boot-state.ts";
import { flash } from "../src/flash.ts";
import { LABEL_SECTORS } from "../src/flash-label.ts";
import { type BlockDevice, FORCE_INTERNAL, judgeFlashTarget } from "../src/flash-target.ts";

const CARD: BlockDevice = {
  ...{ name: "sdc", path: "/dev/sdc", type: "disk", size: 32e9, ro: false, rm: true },
  ...{ hotplug: true, model: "STORAGE DEVICE", mountpoints: [null] },
};
const part = (name: string, more: Partial<BlockDevice> = {}): BlockDevice => ({
  ...{ ...CARD, name, path: `/dev/${name}`, type: "part", model: null },
  ...more,
});
const INTERNAL: BlockDevice = {
  ...CARD,
  ...{ name: "nvme0n1", path: "/dev/nvme0n1", rm: false, hotplug: false, model: "SSD" },
};

describe("a disk that may be erased", () => {
  const verdict = (device: BlockDevice, path = device.path, force = ""): string => {
    const judged = judgeFlashTarget([INTERNAL, device], path, { imageBytes: 9e8, force });
    return judged.ok ? `ok ${judged.device.name}` : judged.code;
  };
  const rows: readonly (readonly [string, BlockDevice, string])[] = [
    ["an empty card", CARD, "ok sdc"],
    ["a card with old partitions", { ...CARD, children: [part("sdc1")] }, "ok sdc"],
    ["a card in a reader that is not removable", { ...CARD, rm: false }, "ok sdc"],
    ["a card that somebody looks at", with1({ mountpoints: ["/media/me/BOOT"] }), "mounted"],
    ["one mounted without partitions", { ...CARD, mountpoints: ["/mnt"] }, "mounted"],
    ["the system's disk", with1({ mountpoints: ["/"] }), "system_disk"],
    [
      "the system's disk, by what else is on it",
      with1({ mountpoints: ["/boot/efi"] }),
      "system_disk",
    ],
    ["a disk with the swap", with1({ mountpoints: ["[SWAP]"] }), "system_disk"],
    [
      "a system in a volume",
      with1({ children: [part("vg", { type: "lvm", mountpoints: ["/"] })] }),
      "system_disk",
    ],
    ["a volume that is open", with1({ children: [part("vg", { type: "lvm" })] }), "in_use"],
    ["an array", with1({ children: [part("md0", { type: "raid1" })] }), "in_use"],
    ["a card with its switch on", { ...CARD, ro: true }, "read_only"],
    ["a reader without a card", { ...CARD, size: 0 }, "too_small"],
    ["a small card", { ...CARD, size: 5e8 }, "too_small"],
    ["a CD", { ...CARD, type: "rom" }, "not_a_disk"],
    ["a loop", { ...CARD, type: "loop" }, "not_a_disk"],
  ];
  it.each(rows)("%s", (_, device, expected) => {
    expect(verdict(device)).toBe(expected);
  });

  function with1(more: Partial<BlockDevice>): BlockDevice {
    return { ...CARD, children: [part("sdc1", more)] };
  }

  it("is a whole one, and there", () => {
    const device = { ...CARD, children: [part("sdc1")] };
    expect(verdict(device, "/dev/sdc1")).toBe("partition");
    expect(verdict(device, "/dev/sdx")).toBe("not_there");
    expect(verdict(device, "")).toBe("not_there");
  });

  it("is built in only where a person says so in words; no word opens the system's disk", () => {
    expect(verdict(CARD, INTERNAL.path)).toBe("internal");
    expect(verdict(CARD, INTERNAL.path, "yes")).toBe("internal");
    expect(verdict(CARD, INTERNAL.path, FORCE_INTERNAL)).toBe("ok nvme0n1");
    expect(verdict({ ...CARD, mountpoints: ["/"] }, CARD.path, FORCE_INTERNAL)).toBe("system_disk");
  });
});

describe("an image on a disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "passerelle-flash-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const image = join(folder, "disk.img");
  const bytes = Buffer.alloc(5 * (1 << 20) + 4096);
  for (let at = 0; at < bytes.length; at += 997) bytes[at] = at;
  writeFileSync(image, bytes);
  const target = join(folder, "card");
  const device: BlockDevice = { ...CARD, path: target, name: "card" };

  async function attempt(answer: string, devices: () => readonly BlockDevice[] = () => [device]) {
    const said: string[] = [];
    writeFileSync(target, Buffer.alloc(6 << 20, 0xee));
    const options = { image, device: target, force: "", listDevices: devices };
    await flash({
      ...options,
      ask: async (question) => {
        said.push(question);
        return answer;
      },
      say: (text) => said.push(text),
    });
    return said.join("\n");
  }

  it("is written and read back once its name was written", async () => {
    expect(await attempt("card\n")).toMatch(/STORAGE DEVICE, 32000 MB[\s\S]*100 %[\s\S]*done/);
    const card = readFileSync(target);
    // The label is the one thing that is not the image's.
    for (const sector of LABEL_SECTORS)
      bytes.copy(card, sector * 512, sector * 512, sector * 512 + 512);
    expect(card.subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(card[bytes.length]).toBe(0xee);
  });

  it("has a label that is said to the person, and another one on the next card", async () => {
    const passwordOf = (said: string): string => /only: ([a-z2-9-]{19})\n/.exec(said)?.[1] ?? "";
    const first = passwordOf(await attempt("card"));
    const second = passwordOf(await attempt("card"));
    expect(first).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    expect(second).not.toBe(first);
    for (const sector of LABEL_SECTORS) {
      const copy = readFileSync(target).subarray(sector * 512, sector * 512 + 512);
      expect(decodeBootState(copy)).toEqual({ label_password: second });
    }
  });

  it.each(["", "yes", "sdb", "/dev/card"])(
    "is not written when the answer is %j",
    async (answer) => {
      await expect(attempt(answer)).rejects.toThrow("nothing was written");
      expect(readFileSync(target).equals(Buffer.alloc(6 << 20, 0xee))).toBe(true);
    },
  );

  it("is not written when another disk came to the name while the question was read", async () => {
    let asked = 0;
    const swapped = (): readonly BlockDevice[] => {
      asked += 1;
      return [asked === 1 ? device : { ...device, size: 64e9 }];
    };
    await expect(attempt("card", swapped)).rejects.toThrow("another disk");
    let looked = 0;
    const mounted = (): readonly BlockDevice[] => {
      looked += 1;
      return [looked === 1 ? device : { ...device, mountpoints: ["/media/card"] }];
    };
    await expect(attempt("card", mounted)).rejects.toThrow("mounted at /media/card");
    expect(readFileSync(target).equals(Buffer.alloc(6 << 20, 0xee))).toBe(true);
  });
});
