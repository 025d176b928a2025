/** What `lsblk --json --bytes` says of a device, as far as we look. */
export interface BlockDevice {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly ro: boolean;
  readonly rm: boolean;
  /** On a bus where things come and go: USB, card readers. */
  readonly hotplug: boolean;
  readonly model: string | null;
  readonly mountpoints: readonly (string | null)[];
  readonly children?: readonly BlockDevice[];
}

/** What may be written, or why not: the reason is a sentence for a person. */
export type FlashVerdict =
  | { readonly ok: true; readonly device: BlockDevice }
  | { readonly ok: false; readonly code: FlashRefusal; readonly message: string };

type FlashRefusal =
  | "not_there"
  | "partition"
  | "not_a_disk"
  | "system_disk"
  | "mounted"
  | "in_use"
  | "read_only"
  | "too_small"
  | "internal";

/** What a person writes into FORCE to erase a disk that does not come and go. */
export const FORCE_INTERNAL = "erase-this-internal-disk";

/**
 * Whether this device may be erased. Everything that is doubtful is refused: a card that is not written can be written
 * later, a disk that is gone cannot come back.
 */
export function judgeFlashTarget(
  devices: readonly BlockDevice[],
  path: string,
  options: { readonly imageBytes: number; readonly force: string },
): FlashVerdict {
  const refuse = (code: FlashRefusal, message: string): FlashVerdict => ({
    ok: false,
    code,
    message,
  });
  const disk = devices.find((device) => device.path === path);
  if (disk === undefined) {
    const above = devices.find((device) => below(device).some((child) => child.path === path));
    return above === undefined
      ? refuse("not_there", `There is no disk ${path}. ${listOf(devices)}`)
      : refuse("partition", `${path} is a part of ${above.path}: name the whole disk.`);
  }
  if (disk.type !== "disk") return refuse("not_a_disk", `${path} is no disk (${disk.type}).`);
  const parts = [disk, ...below(disk)];
  const mounts = parts.flatMap(mountsOf);
  if (mounts.some((mount) => SYSTEM_MOUNTS.test(mount))) {
    return refuse("system_disk", `${path} is the disk this machine runs from.`);
  }
  if (mounts.length > 0) {
    return refuse("mounted", `${path} is mounted at ${mounts.join(", ")}: unmount it first.`);
  }
  const user = parts.find(({ type }) => type !== "disk" && type !== "part");
  if (user !== undefined) {
    return refuse("in_use", `${path} is in use by ${user.name} (${user.type}): close it first.`);
  }
  if (disk.ro)
    return refuse("read_only", `${path} is write-protected: look for a switch on the card.`);
  if (!(disk.size >= options.imageBytes)) {
    return refuse(
      "too_small",
      `${path} has ${megabytes(disk.size)} and the image needs ${megabytes(options.imageBytes)}.`,
    );
  }
  if (!disk.rm && !disk.hotplug && options.force !== FORCE_INTERNAL) {
    return refuse(
      "internal",
      `${path} (${modelOf(disk)}, ${megabytes(disk.size)}) is built into this machine. If it is meant: FORCE=${FORCE_INTERNAL}`,
    );
  }
  return { ok: true, device: disk };
}

export function modelOf({ model }: BlockDevice): string {
  return model?.trim() || "no name";
}

export function megabytes(octets: number): string {
  return `${Math.round(octets / 1e6)} MB`;
}

function below(device: BlockDevice): readonly BlockDevice[] {
  return (device.children ?? []).flatMap((child) => [child, ...below(child)]);
}

function mountsOf({ mountpoints }: BlockDevice): readonly string[] {
  return mountpoints.flatMap((mount) => (mount === null || mount === "" ? [] : [mount]));
}

function listOf(devices: readonly BlockDevice[]): string {
  const disks = devices.filter(({ type, size }) => type === "disk" && size > 0);
  if (disks.length === 0) return "This machine has none.";
  const words = disks.map((disk) => `${disk.path} (${modelOf(disk)}, ${megabytes(disk.size)})`);
  return `There are: ${words.join(", ")}.`;
}

/** Where a system is mounted; memory that was swapped out belongs to it. */
const SYSTEM_MOUNTS = /^(\/|\/boot(\/.*)?|\/efi|\/usr|\/var|\/home|\/etc|\[SWAP\])$/;
