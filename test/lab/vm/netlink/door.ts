/** In the lab's machine: does with its kernel what lines of input ask for (calls.ts), each world in a network of its own. */
import { createInterface } from "node:readline";
import { enterPrivateNetwork } from "@passerelle/native";
import { createLinuxNetlink, type Netlink, type Topics } from "@passerelle/netlink";
import { type Answer, type Call, fromLine, toLine } from "./calls.ts";

let kernel: Netlink | undefined;

async function answer({ method, words }: Call): Promise<unknown> {
  switch (method) {
    case "world": {
      kernel?.close();
      // The old namespace ends with its last socket.
      enterPrivateNetwork();
      const made = createLinuxNetlink();
      if (!made.ok) throw new Error(made.error.text);
      kernel = made.value;
      return undefined;
    }
    case "settle":
      return undefined;
    case "subscribe": {
      const [subscription, topics] = words as [number, Topics];
      kernel?.subscribe(topics, (event) => say({ subscription, event }));
      return undefined;
    }
    default: {
      const methods = kernel as unknown as Record<
        string,
        (...words: readonly unknown[]) => unknown
      >;
      return methods[method]?.(...words);
    }
  }
}

function say(what: Answer): void {
  process.stdout.write(toLine(what));
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = fromLine(line) as Call;
  say({ call: call.call, value: await answer(call) });
}
process.exit(0);
