/** A port of the machine: a tap device that is there already, at the place by which the board knows it. */
export interface QemuPort {
  readonly tap: string;
  readonly mac: string;
  /** Slot on the PCI bus: board/qemu-virt-arm64 says which port of the board is where. */
  readonly addr: number;
}

export interface QemuMachine {
  /** u-boot.bin of the board. */
  readonly firmware: string;
  readonly disk: { readonly path: string; readonly format: "raw" | "qcow2" };
  readonly ports: readonly QemuPort[];
  /** Where the serial console goes: to this terminal, or to a file. */
  readonly console: "terminal" | { readonly log: string };
  /** Unix sockets that QEMU makes. */
  readonly qmpSocket?: string;
  readonly guestAgentSocket?: string;
  /** Factory values: the file the board reads as opt/org.passerelle/defaults. */
  readonly defaults?: string;
  readonly memoryMiB?: number;
  /** Octets written are recorded here, for the replay of a power cut (QEMU's blklogwrites). */
  readonly writeLog?: string;
}

/**
 * What is passed to qemu-system-aarch64 (7.2 and later). A cortex-a53 is the quickest to emulate, and two processors on
 * two are quicker than four. No network but the taps that are named: the machine reaches what the lab lets it reach.
 */
export function qemuArguments(machine: QemuMachine): readonly string[] {
  return [
    ...["-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", String(machine.memoryMiB ?? 512)],
    ...["-accel", "tcg,thread=multi", "-bios", machine.firmware],
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    ...diskArguments(machine),
    ...machine.ports.flatMap(portArguments),
    ...(machine.ports.length === 0 ? ["-nic", "none"] : []),
    ...["-device", "virtio-rng-pci"],
    // Resets the machine when nothing feeds it, as the one of a Pi does.
    ...["-device", "i6300esb,id=watchdog0", "-action", "watchdog=reset"],
    ...consoleArguments(machine.console),
    ...(machine.qmpSocket === undefined
      ? []
      : ["-qmp", `unix:${option(machine.qmpSocket)},server=on,wait=off`]),
    ...(machine.guestAgentSocket === undefined
      ? []
      : guestAgentArguments(machine.guestAgentSocket)),
    ...(machine.defaults === undefined
      ? []
      : ["-fw_cfg", `name=opt/org.passerelle/defaults,file=${option(machine.defaults)}`]),
  ];
}

function diskArguments({ disk, writeLog }: QemuMachine): readonly string[] {
  const file = `driver=${disk.format},node-name=disk0,discard=unmap,file.driver=file,file.filename=${option(disk.path)}`;
  const log =
    writeLog === undefined
      ? []
      : [
          "-blockdev",
          `driver=blklogwrites,node-name=log0,log-sector-size=512,file=disk0,log.driver=file,log.filename=${option(writeLog)}`,
        ];
  const top = writeLog === undefined ? "disk0" : "log0";
  return ["-blockdev", file, ...log, "-device", `virtio-blk-pci,drive=${top},addr=0x4,romfile=`];
}

function portArguments({ tap, mac, addr }: QemuPort): readonly string[] {
  return [
    ...["-netdev", `tap,id=${tap},ifname=${option(tap)},script=no,downscript=no`],
    // Its boot ROM is for another processor.
    ...["-device", `virtio-net-pci,netdev=${tap},mac=${mac},addr=0x${addr.toString(16)},romfile=`],
  ];
}

function consoleArguments(console: QemuMachine["console"]): readonly string[] {
  const chardev =
    console === "terminal"
      ? "stdio,id=console0,mux=on,signal=off"
      : `file,id=console0,append=on,path=${option(console.log)}`;
  return ["-chardev", chardev, "-serial", "chardev:console0"];
}

function guestAgentArguments(socket: string): readonly string[] {
  return [
    ...["-chardev", `socket,id=agent0,path=${option(socket)},server=on,wait=off`],
    ...["-device", "virtio-serial-pci"],
    ...["-device", "virtserialport,chardev=agent0,name=org.qemu.guest_agent.0"],
  ];
}

/** In an option of QEMU a comma is written twice. */
function option(value: string): string {
  return value.replaceAll(",", ",,");
}
