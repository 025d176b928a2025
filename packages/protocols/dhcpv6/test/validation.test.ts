import type { Mac } from "@passerelle/net";
import { expect, test } from "vitest";
import {
  clientIdOption,
  type Dhcpv6Message,
  type Dhcpv6Option,
  duidLl,
  iaPdOption,
  MESSAGE_TYPE,
  type MessageType,
  OPTION,
  type Refusal,
  reconfigureMessageOption,
  refusalByClient,
  refusalByServer,
  serverIdOption,
} from "../src/index.ts";

const client = duidLl("02:00:00:00:00:0c" as Mac);
const server = duidLl("02:00:00:00:53:01" as Mac);
const other = duidLl("02:00:00:00:00:66" as Mac);

/** C, S: the right identifiers; c, s: another's; x: a DUID of one octet; I: an IA; R: what a Reconfigure asks for. */
const OPTIONS: Readonly<Record<string, Dhcpv6Option>> = {
  C: clientIdOption(client),
  c: clientIdOption(other),
  S: serverIdOption(server),
  s: serverIdOption(other),
  x: { code: OPTION.SERVERID, data: Uint8Array.of(1) },
  I: iaPdOption({ iaid: 1 }),
  R: reconfigureMessageOption(MESSAGE_TYPE.REBIND),
};

function message(msgType: MessageType, letters: string, transactionId = 7): Dhcpv6Message {
  const options = [...letters].flatMap((letter) => OPTIONS[letter] ?? []);
  return { msgType, transactionId, options };
}

function table(
  sets: readonly string[],
  judge: (one: Dhcpv6Message) => Refusal | undefined,
): string {
  return Object.entries(MESSAGE_TYPE)
    .flatMap(([name, type]) =>
      sets.map((letters) => {
        const refusal = judge(message(type, letters)) ?? "(taken)";
        return `${name.padEnd(20)}${(letters || "-").padEnd(4)} ${refusal}`;
      }),
    )
    .join("\n");
}

test("RFC 9915 section 16: every message with every set of identifiers", async () => {
  const withId = { transactionId: 7, clientId: client };
  const withoutId = { transactionId: 7, clientId: undefined };
  const tables = [
    "# at a server",
    table(["", "C", "S", "CS", "Cs", "Cx", "CI", "CSI"], (one) => refusalByServer(one, server)),
    "# at a client with an identifier",
    table(["", "C", "S", "CS", "cS", "Cx", "CSR"], (one) => refusalByClient(one, withId)),
    "# at a client without, as a stateless one may be",
    table(["", "S", "CS"], (one) => refusalByClient(one, withoutId)),
  ];
  await expect(`${tables.join("\n")}\n`).toMatchFileSnapshot("./refusals.txt");
});

test("a client takes answers to its own exchange only, and a Reconfigure without any", () => {
  const judge = (type: MessageType, letters: string, transactionId: number | undefined) =>
    refusalByClient(message(type, letters), { transactionId, clientId: client });
  expect(judge(MESSAGE_TYPE.REPLY, "CS", 8)).toBe("transaction_of_another");
  expect(judge(MESSAGE_TYPE.REPLY, "CS", undefined)).toBe("transaction_of_another");
  expect(judge(MESSAGE_TYPE.RECONFIGURE, "CSR", undefined)).toBeUndefined();
});
