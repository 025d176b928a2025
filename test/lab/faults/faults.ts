import { setClock } from "../gateway/clock.ts";
import { killDaemon } from "../gateway/gateway.ts";
import { isMachine, mustOn, placesOf, runOn } from "../gateway/inside.ts";
import { powerCut } from "../gateway/power-cut.ts";
import { mustAs } from "../host.ts";
import type { OperatorControl } from "../operator/control.ts";
import { controlOperator, dropInput, undrop } from "../operator/operator.ts";
import { sleep } from "../process.ts";
import { cutMachinePower, setCarrier } from "../qemu/machine.ts";
import { readState } from "../state.ts";
import { ADDRESSES, GATEWAY_WAN, WAN_PORT, WIRES } from "../topology.ts";
import { callThere, isCarried } from "../vm/channel.ts";

/** One way to break the neighbourhood. A new fault is one more entry of the table at the end. */
export interface Fault {
  readonly usage: string;
  readonly about: string;
  /** Resolves when the fault is on (or over), with a sentence where there is something to say. */
  apply(lab: string, words: readonly string[]): Promise<string | undefined>;
}

async function carrierLoss(lab: string, [word = "3"]: readonly string[]): Promise<undefined> {
  const set = async (state: "up" | "down"): Promise<void> => {
    await mustAs(lab, WIRES, ["ip", "link", "set", WAN_PORT, state]);
    if (isMachine(lab)) await setCarrier(lab, GATEWAY_WAN, state === "up");
  };
  if (word === "on") await set("down");
  else if (word === "off") await set("up");
  else {
    const wait = seconds(word);
    await set("down");
    await sleep(wait * 1000);
    await set("up");
  }
}

async function diskFull(lab: string, words: readonly string[]): Promise<undefined> {
  const file = `${placesOf(lab).state}/.filled-by-the-lab`;
  if (onOff(words)) await runOn(lab, "gw", ["dd", "if=/dev/zero", `of=${file}`, "bs=4k"]);
  else await mustOn(lab, "gw", ["rm", "-f", file]);
}

/** A fault that is a word to the operator. */
function told(
  usage: string,
  about: string,
  change: (control: OperatorControl, words: readonly string[]) => OperatorControl,
): Fault {
  return {
    usage,
    about,
    async apply(lab, words) {
      const state = readState(lab);
      if (state === undefined) throw new Error(`the lab "${lab}" is not up: bin/lab up`);
      await controlOperator(lab, state.operator, (control) => change(control, words));
      return undefined;
    },
  };
}

/** A fault that is packets dropped on arrival at `isp`. */
function dropped(name: string, about: string, match: string): Fault {
  return {
    usage: "on|off",
    about,
    async apply(lab, words) {
      await undrop(lab, name);
      if (onOff(words)) await dropInput(lab, name, match);
      return undefined;
    },
  };
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  "carrier-loss": {
    usage: "[SECONDS|on|off]",
    about: "the WAN cable is unplugged, for 3 seconds if nothing else is said",
    apply: carrierLoss,
  },
  "session-kill": told(
    "",
    "the operator forgets the line: its next request is refused with a NAK",
    (control) => ({ ...control, nakSerial: control.nakSerial + 1 }),
  ),
  "operator-silent": told("on|off", "the operator's DHCP answers nothing", (control, words) => ({
    ...control,
    silent: onOff(words),
  })),
  park: told(
    "on|off",
    "the operator treats the identifiers as wrong: parking in 172.19.0.0/16 (orange)",
    (control, words) => ({ ...control, parked: onOff(words) }),
  ),
  "lease-time": told(
    "SECONDS [T1 T2]",
    "leases from now on last so long; T1 and T2 as options 58 and 59",
    (control, [lease, t1, t2]) => {
      const { t1Seconds: _, t2Seconds: __, ...rest } = control;
      return {
        ...rest,
        leaseSeconds: seconds(lease),
        ...(t1 === undefined ? {} : { t1Seconds: seconds(t1) }),
        ...(t2 === undefined ? {} : { t2Seconds: seconds(t2) }),
      };
    },
  ),
  "gateway-change": told(
    "",
    "the router of the WAN becomes 81.250.0.254, or 81.250.0.1 again",
    (control) => ({
      ...control,
      gateway:
        control.gateway === ADDRESSES.accessGateway
          ? ADDRESSES.accessGatewayOther
          : ADDRESSES.accessGateway,
    }),
  ),
  renumber: told("", "the operator moves the line to 81.251.0.0/24, or back", (control) => ({
    ...control,
    pool: control.pool === "main" ? "other" : "main",
  })),
  "prefix-change": told(
    "",
    "whoever asks for a prefix of IPv6 gets another one; the old one leads nowhere",
    (control) => ({ ...control, prefixSerial: control.prefixSerial + 1 }),
  ),
  "ra-stop": told(
    "on|off",
    "the operator's router advertises that it is no default router: lifetime 0",
    (control, words) => ({ ...control, routerStopped: onOff(words) }),
  ),
  "dhcp6-silent": dropped("dhcp6-silent", "the operator's DHCPv6 answers nothing", "udp dport 547"),
  "duplicate-address": told(
    "",
    "the next new lease is an address that attacker-wan already has (orange)",
    (control) => ({ ...control, duplicateSerial: control.duplicateSerial + 1 }),
  ),
  "resolver-dead": dropped(
    "resolver-dead",
    "the operator's resolver answers nothing",
    "meta l4proto { tcp, udp } th dport 53",
  ),
  "internet-dead": {
    usage: "on|off",
    about: "the line is up, but nothing behind the operator answers",
    async apply(lab, words) {
      const state = onOff(words) ? "down" : "up";
      await mustAs(lab, "isp", ["ip", "link", "set", "core", state]);
      return undefined;
    },
  },
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

/** Resolves when the fault is on (or over), with a sentence where there is something to say. */
export function applyFault(
  lab: string,
  name: string,
  words: readonly string[],
): Promise<string | undefined> {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`"${name}" is no fault of the lab`);
  if (isCarried(lab)) return callThere(lab, "fault", [name, ...words]);
  return fault.apply(lab, words);
}

export function listFaults(): string {
  const lines = Object.entries(FAULTS).map(
    ([name, fault]) => `  ${`${name} ${fault.usage}`.padEnd(32)} ${fault.about}`,
  );
  return ["faults:", ...lines].join("\n");
}

function onOff([word]: readonly string[]): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  throw new Error(`say "on" or "off"${word === undefined ? "" : `, not "${word}"`}`);
}

function seconds(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || !(value >= 0 && value <= 1e9)) {
    throw new Error(`"${word ?? ""}" is no number of seconds`);
  }
  return value;
}
