import { isNativeError, META_STRIDE, NAMES_STRIDE, native } from "@passerelle/native";
import { err, ok, type Result } from "@passerelle/result";
import type { NftError, Subscription } from "./port.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NFNLGRP_NFTABLES = 7;

/** Only that a message came is of interest: the rest of it is cut off. */
const SLOT_BYTES = 16;
const SLOTS = 64;
/** Receive calls in one wake-up before other work gets its turn. */
const ROUNDS_MAX = 16;

/** The kernel's own word on each committed transaction in this network namespace, whoever made it. */
export function watchRuleset(changed: () => void): Result<Subscription, NftError> {
  const room = {
    data: new Uint8Array(SLOTS * SLOT_BYTES),
    meta: new Int32Array(SLOTS * META_STRIDE),
    names: new Uint8Array(SLOTS * NAMES_STRIDE),
  };
  const senders = new DataView(room.names.buffer);
  let open = true;
  try {
    const handle = native().open(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
    const close = (): void => {
      if (open) native().close(handle);
      open = false;
    };
    /** True where the kernel spoke; a whole ruleset is dozens of messages, and takes one call of the handler. */
    const drain = (): boolean => {
      let heard = false;
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const got = native().receiveBatch(handle, room.data, room.meta, room.names, 0, SLOTS);
        if (got === 0) break;
        // ENOBUFS: more than fitted was said.
        if (got < 0) heard = true;
        for (let i = 0; i < got; i += 1) {
          // Only the kernel has port 0.
          if (senders.getUint32(i * NAMES_STRIDE + 4, true) === 0) heard = true;
        }
      }
      return heard;
    };
    try {
      native().bind(handle, kernelChosenPort());
      native().setOption(handle, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(NFNLGRP_NFTABLES));
      native().watch(handle, () => {
        if (open && drain()) changed();
      });
    } catch (thrown) {
      close();
      throw thrown;
    }
    return ok({ close });
  } catch (thrown) {
    if (!isNativeError(thrown)) throw thrown;
    return err({ code: thrown.code, text: thrown.message });
  }
}

function kernelChosenPort(): Uint8Array {
  const name = new Uint8Array(12);
  name[0] = AF_NETLINK;
  return name;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
