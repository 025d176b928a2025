import { ByteWriter } from "@passerelle/bytes";
import { invariant } from "@passerelle/result";
import { type Dhcpv6Message, TRANSACTION_ID_MAX } from "./message.ts";
import { writeOptions } from "./option-list.ts";

/** Writes a message, its options in the order given: some operators look at it. */
export function encodeDhcpv6({ msgType, transactionId, options }: Dhcpv6Message): Uint8Array {
  invariant(
    transactionId >= 0 && transactionId <= TRANSACTION_ID_MAX,
    "a transaction id has 24 bits",
  );
  const writer = new ByteWriter().uint8(msgType).uint8(transactionId >>> 16);
  return writeOptions(writer.uint16(transactionId & 0xffff), options).finish();
}
