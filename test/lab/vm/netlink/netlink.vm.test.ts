import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Netlink, NetlinkEvent } from "@passerelle/netlink";
import { ok } from "@passerelle/result";
import { afterAll, beforeAll, describe } from "vitest";
import { vlanContract } from "../../../../packages/platform/netlink/test/vlan-contract.ts";
import type { World } from "../../../../packages/platform/netlink/test/world.ts";
import { Lab } from "../../lab.ts";
import { whyNoMachine } from "../kernel.ts";
import { type Answer, fromLine, toLine } from "./calls.ts";

// The contract of VLANs, which the fake kernel keeps too, against a Linux that has them.

const DOOR = join(import.meta.dirname, "door.ts");

describe.skipIf(whyNoMachine() !== undefined)("netlink of a kernel with VLANs", () => {
  let lab: Lab;
  let door: Door;
  beforeAll(async () => {
    lab = await Lab.up({ kernel: "vm" });
    door = new Door(lab.spawn("phone2", [process.execPath, DOOR]));
  });
  afterAll(async () => {
    door.end();
    await lab.down();
  });

  vlanContract(() => door.world());
});

/** A kernel that is asked through lines of a program in the machine. */
class Door {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #hearers = new Map<number, (event: NetlinkEvent) => void>();
  #said = "";
  #calls = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    const { stdout, stderr } = child;
    if (stdout === null) throw new Error("invariant: stdout is a pipe");
    stderr?.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString("utf8");
    });
    createInterface({ input: stdout }).on("line", (line) => this.#hear(fromLine(line) as Answer));
    child.once("exit", (code) => {
      const error = new Error(`the door ended (${code}): ${this.#said}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  async world(): Promise<World> {
    this.#hearers.clear();
    await this.#ask("world");
    const settle = async () => {
      await sleep(SETTLE_MS);
      await this.#ask("settle");
    };
    return { netlink: this.#netlink(), settle, end: async () => undefined };
  }

  end(): void {
    this.#child.kill();
  }

  #netlink(): Netlink {
    const own: Pick<Netlink, "subscribe" | "close"> = {
      subscribe: (topics, handler) => {
        const number = this.#hearers.size + 1;
        this.#hearers.set(number, handler);
        void this.#ask("subscribe", number, topics);
        return ok({ close: () => void this.#hearers.delete(number) });
      },
      close: () => undefined,
    };
    const ask =
      (method: string) =>
      (...words: readonly unknown[]) =>
        this.#ask(method, ...words);
    return new Proxy(own, {
      get: (target, method: string) =>
        method in target ? target[method as keyof typeof target] : ask(method),
    }) as Netlink;
  }

  #ask(method: string, ...words: readonly unknown[]): Promise<unknown> {
    this.#calls += 1;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#calls, waiting);
    this.#child.stdin?.write(toLine({ call: this.#calls, method, words }));
    return waiting.promise;
  }

  #hear(answer: Answer): void {
    if ("event" in answer) {
      this.#hearers.get(answer.subscription)?.(answer.event as NetlinkEvent);
      return;
    }
    this.#waiting.get(answer.call)?.resolve(answer.value);
    this.#waiting.delete(answer.call);
  }
}

/** The kernel's linkwatch looks at carriers once a second at the latest; each look is work for the machine. */
const SETTLE_MS = 200;
