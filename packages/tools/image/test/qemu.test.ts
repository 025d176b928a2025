import { describe, expect, it } from "vitest";
import { qemuArguments } from "../src/qemu.ts";

const PLAIN = {
  firmware: "u-boot.bin",
  disk: { path: "disk.img", format: "raw" },
  ports: [],
  console: "terminal",
} as const;

describe("what QEMU is told", () => {
  it("has no network but the taps that are named", () => {
    expect(qemuArguments(PLAIN).join(" ")).toContain("-nic none");
    const words = qemuArguments({
      ...PLAIN,
      ports: [{ tap: "tap-wan0", mac: "02:00:00:00:00:01", addr: 0x8 }],
    }).join(" ");
    expect(words).not.toContain("-nic");
    expect(words).not.toContain("netdev user");
    expect(words).toContain("-netdev tap,id=tap-wan0,ifname=tap-wan0,script=no,downscript=no");
    expect(words).toContain("mac=02:00:00:00:00:01,addr=0x8,romfile=");
  });

  it("resets a machine that nobody feeds", () => {
    const words = qemuArguments(PLAIN).join(" ");
    expect(words).toContain("-device i6300esb,id=watchdog0 -action watchdog=reset");
  });

  it("has sockets, factory values and a record of writes where they are asked for", () => {
    const words = qemuArguments({
      ...PLAIN,
      console: { log: "console.log" },
      qmpSocket: "qmp.sock",
      guestAgentSocket: "agent.sock",
      defaults: "defaults.json",
      writeLog: "writes.log",
    }).join(" ");
    expect(words).toContain("-qmp unix:qmp.sock,server=on,wait=off");
    expect(words).toContain("path=agent.sock,server=on,wait=off");
    expect(words).toContain("name=org.qemu.guest_agent.0");
    expect(words).toContain("-fw_cfg name=opt/org.passerelle/defaults,file=defaults.json");
    expect(words).toContain("driver=blklogwrites,node-name=log0");
    expect(words).toContain("virtio-blk-pci,drive=log0");
  });

  it("takes a path with a comma for a path", () => {
    const words = qemuArguments({ ...PLAIN, disk: { path: "a,b.img", format: "qcow2" } });
    expect(words.join(" ")).toContain("file.filename=a,,b.img");
  });
});
