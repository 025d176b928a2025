/**
 * What the machine is made of, for the support report. The library starts up to eight programs a question and costs
 * 3 MB of memory once it is loaded (docs/adr/0008-metrics.md): it is loaded when a person asks, and never for what is
 * read every second.
 */
export async function readHardware(): Promise<unknown> {
  const { baseboard, bios, cpu, diskLayout, memLayout, osInfo, system } = await import(
    "systeminformation"
  );
  const [board, firmware, processor, disks, memory, os, machine] = await Promise.all([
    baseboard(),
    bios(),
    cpu(),
    diskLayout(),
    memLayout(),
    osInfo(),
    system(),
  ]);
  return {
    board: { manufacturer: board.manufacturer, model: board.model, version: board.version },
    firmware: {
      vendor: firmware.vendor,
      version: firmware.version,
      released: firmware.releaseDate,
    },
    processor: { brand: processor.brand, cores: processor.cores, speed: processor.speed },
    disks: disks.slice(0, 8).map(({ type, size }) => ({ type, size })),
    memory: memory.slice(0, 8).map(({ size, type, clockSpeed }) => ({ size, type, clockSpeed })),
    system: { distro: os.distro, release: os.release, kernel: os.kernel, arch: os.arch },
    machine: { manufacturer: machine.manufacturer, model: machine.model, virtual: machine.virtual },
  };
}
