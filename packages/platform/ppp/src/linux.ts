import { native, type SocketHandle } from "@passerelle/native";
import { err, type Result } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import { int32s, interfaceRequest, isInterfaceName } from "./kernel-arguments.ts";
import {
  NPMODE_DROP,
  PPPIOCATTCHAN,
  PPPIOCCONNECT,
  PPPIOCGCHAN,
  PPPIOCNEWUNIT,
  PPPIOCSNPMODE,
  SIOCSIFNAME,
} from "./kernel-numbers.ts";
import { LinuxPppChannel } from "./linux-channel.ts";
import { PROTOCOL_OF_FAMILY, setInterface } from "./linux-control.ts";
import { heldFiles } from "./linux-holder.ts";
import type { PppError, PppOptions, PppPlatform } from "./port.ts";
import {
  closeHandles,
  OWN_FILES,
  type SessionFiles,
  type SessionHandles,
} from "./session-files.ts";

export interface LinuxPppOptions {
  /** The socket of a process that holds sessions for us (holder/); absent: they end with this process. */
  readonly holder?: string;
}

/** PPP of this machine, in the network namespace of the calling thread. */
export function createLinuxPpp({ holder }: LinuxPppOptions = {}): PppPlatform {
  const files = holder === undefined ? OWN_FILES : heldFiles(holder);
  return {
    open: (options) =>
      isInterfaceName(options.name) && isInterfaceName(options.interface)
        ? open(files, options)
        : err({ code: "EINVAL", text: "that is no name of an interface" }),
    adopt(name) {
      const taken = files.take(name);
      return taken.ok ? orClose(files, taken.value, name, () => {}) : taken;
    },
  };
}

function open(files: SessionFiles, options: PppOptions): Result<LinuxPppChannel, PppError> {
  const opened = files.open(options);
  if (!opened.ok) return opened;
  const handles = opened.value;
  return orClose(files, handles, options.name, () => makeInterface(handles, options.name));
}

/** A channel on the files; where that fails, nothing stays open. */
function orClose(
  files: SessionFiles,
  handles: SessionHandles,
  name: string,
  prepare: () => void,
): Result<LinuxPppChannel, PppError> {
  const made = attempt(() => {
    prepare();
    return new LinuxPppChannel(handles, name, native().interfaceIndex(name), files);
  });
  if (made.ok) return made;
  closeHandles(handles);
  files.drop(name);
  return made;
}

function makeInterface({ session, channel, unit }: SessionHandles, name: string): void {
  native().ioctl(channel, PPPIOCATTCHAN, int32s(answer(session, PPPIOCGCHAN, 0)));
  const number = answer(unit, PPPIOCNEWUNIT, ANY_UNIT);
  for (const protocol of Object.values(PROTOCOL_OF_FAMILY)) {
    native().ioctl(unit, PPPIOCSNPMODE, int32s(protocol, NPMODE_DROP));
  }
  setInterface(SIOCSIFNAME, interfaceRequest(`ppp${number}`, name));
  native().ioctl(channel, PPPIOCCONNECT, int32s(number));
}

const ANY_UNIT = -1;

/** A request whose argument is one number, there and back. */
function answer(handle: SocketHandle, request: number, value: number): number {
  const bytes = int32s(value);
  native().ioctl(handle, request, bytes);
  return new DataView(bytes.buffer).getInt32(0, true);
}
