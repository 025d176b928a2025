import { setClock } from "../gateway/clock.ts";
import { killDaemon } from "../gateway/gateway.ts";
import { isMachine, mustOn, placesOf, runOn } from "../gateway/inside.ts";
import { powerCut } from "../gateway/power-cut.ts";
import { cutMachinePower } from "../qemu/machine.ts";
import { type Fault, onOff, seconds } from "./fault.ts";

/** What happens to the gateway itself. */
export const BOX_FAULTS: Readonly<Record<string, Fault>> = {
  "daemon-kill": {
    usage: "NAME [SIGNAL]",
    about: "kills one process of the gateway (KILL if nothing else is said)",
    apply: (lab, [name, signal = "KILL"]) => killDaemon(lab, name, signal),
  },
  "broker-kill": {
    usage: "[SIGNAL]",
    about: "kills the gateway's broker",
    apply: (lab, [signal = "KILL"]) => killDaemon(lab, "broker", signal),
  },
  "disk-full": {
    usage: "on|off",
    about: "the gateway's disk has no octet left",
    apply: diskFull,
  },
  "power-cut": {
    usage: "[SECONDS]",
    about:
      "the gateway loses its processes, rules, routes and links at once, keeps its disk, and starts again after SECONDS (1)",
    apply: (lab, [word = "1"]) =>
      isMachine(lab) ? cutMachinePower(lab, seconds(word)) : powerCut(lab, seconds(word)),
  },
  "clock-jump": {
    usage: "SECONDS",
    about:
      "the gateway's calendar is so many seconds from the machine's (needs up --movable-clock)",
    async apply(lab, [word]) {
      const offset = Number(word);
      if (word === undefined || !Number.isInteger(offset))
        throw new Error(`"${word ?? ""}" is no number of seconds`);
      setClock(lab, offset);
      return undefined;
    },
  },
};

async function diskFull(lab: string, words: readonly string[]): Promise<undefined> {
  const file = `${placesOf(lab).state}/.filled-by-the-lab`;
  if (onOff(words)) await runOn(lab, "gw", ["dd", "if=/dev/zero", `of=${file}`, "bs=4k"]);
  else await mustOn(lab, "gw", ["rm", "-f", file]);
}
