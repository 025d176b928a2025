import { native, type SocketHandle } from "@passerelle/native";
import { err } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import { int32s, interfaceRequest, isInterfaceName, sessionAddress } from "./kernel-arguments.ts";
import {
  AF_PPPOX,
  NPMODE_DROP,
  PPPIOCATTCHAN,
  PPPIOCCONNECT,
  PPPIOCGCHAN,
  PPPIOCNEWUNIT,
  PPPIOCSNPMODE,
  PX_PROTO_OE,
  SIOCSIFNAME,
  SOCK_STREAM,
} from "./kernel-numbers.ts";
import { type ChannelHandles, LinuxPppChannel } from "./linux-channel.ts";
import { PROTOCOL_OF_FAMILY, setInterface } from "./linux-control.ts";
import type { PppOptions, PppPlatform } from "./port.ts";

/** PPP of this machine, in the network namespace of the calling thread. */
export function createLinuxPpp(): PppPlatform {
  return {
    open: (options) =>
      isInterfaceName(options.name) && isInterfaceName(options.interface)
        ? attempt(() => openChannel(options))
        : err({ code: "EINVAL", text: "that is no name of an interface" }),
  };
}

/** Throws the kernel's refusal, and leaves nothing open then. */
function openChannel(options: PppOptions): LinuxPppChannel {
  const opened: SocketHandle[] = [];
  const keep = (handle: SocketHandle): SocketHandle => {
    opened.push(handle);
    return handle;
  };
  try {
    const session = keep(native().open(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE));
    native().connect(session, sessionAddress(options.sessionId, options.peer, options.interface));
    const channel = keep(native().openFile(DEVICE));
    native().ioctl(channel, PPPIOCATTCHAN, int32s(answer(session, PPPIOCGCHAN, 0)));
    const unit = keep(native().openFile(DEVICE));
    const number = answer(unit, PPPIOCNEWUNIT, ANY_UNIT);
    for (const protocol of Object.values(PROTOCOL_OF_FAMILY)) {
      native().ioctl(unit, PPPIOCSNPMODE, int32s(protocol, NPMODE_DROP));
    }
    setInterface(SIOCSIFNAME, interfaceRequest(`ppp${number}`, options.name));
    native().ioctl(channel, PPPIOCCONNECT, int32s(number));
    const handles: ChannelHandles = { session, channel, unit };
    return new LinuxPppChannel(handles, options.name, native().interfaceIndex(options.name));
  } catch (thrown) {
    // The unit last opened goes first, as in `close`.
    for (const handle of opened.toReversed()) native().close(handle);
    throw thrown;
  }
}

const DEVICE = "/dev/ppp";
const ANY_UNIT = -1;

/** A request whose argument is one number, there and back. */
function answer(handle: SocketHandle, request: number, value: number): number {
  const bytes = int32s(value);
  native().ioctl(handle, request, bytes);
  return new DataView(bytes.buffer).getInt32(0, true);
}
