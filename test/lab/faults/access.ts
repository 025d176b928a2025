import { isMachine } from "../gateway/inside.ts";
import { mustAs } from "../host.ts";
import type { OperatorControl } from "../operator/control.ts";
import { controlOperator, type DropHook, drop, undrop } from "../operator/operator.ts";
import { sleep } from "../process.ts";
import { setCarrier } from "../qemu/machine.ts";
import { readState } from "../state.ts";
import { ACCESS_MAC, ADDRESSES, GATEWAY_WAN, WAN_PORT, WIRES } from "../topology.ts";
import { type Fault, onOff, seconds } from "./fault.ts";
import { type Spoiling, spoil, unspoil } from "./spoiled.ts";

/** What happens on the line and behind it. */
export const ACCESS_FAULTS: Readonly<Record<string, Fault>> = {
  "carrier-loss": {
    usage: "[SECONDS|on|off]",
    about: "the WAN cable is unplugged, for 3 seconds if nothing else is said",
    apply: carrierLoss,
  },
  flap: {
    usage: "[SECONDS [TIMES]]",
    about: "the WAN cable is pulled for a moment, every 7 seconds, 3 times",
    apply: flap,
  },
  "one-way-loss": dropped(
    "one-way-loss",
    "the operator hears the line, and nothing that it sends arrives",
    'oifname "access"',
    ["output", "forward"],
  ),
  "mtu-black-hole": dropped(
    "mtu-black-hole",
    "packets of more than 1400 octets vanish at the operator, and nobody says so",
    "meta length > 1400",
    ["forward"],
  ),
  "router-swap": {
    usage: "",
    about: "the operator's router is another machine, with another hardware address",
    apply: changeRouter,
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
  "renew-silent": dropped(
    "renew-silent",
    "the operator's DHCP hears no renewal (unicast): silent at T1, there at T2 (ethernet)",
    "ip daddr != 255.255.255.255 udp dport 67",
  ),
  "pool-empty": told(
    "on|off",
    "the operator's DHCP has no address left (ethernet)",
    (control, words) => ({ ...control, poolEmpty: onOff(words) }),
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
  "prefix-length": told(
    "BITS",
    "who asks for a prefix of IPv6 gets one of so many bits; the old one leads nowhere (ethernet)",
    (control, [word]) => ({ ...control, prefixLength: seconds(word) }),
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
  "resolver-slow": spoiled(
    "SECONDS|off",
    "the operator's resolver answers so much later",
    ([word]) =>
      word === "off"
        ? undefined
        : names(["slow", String(seconds(word) * 1000), ADDRESSES.resolver]),
  ),
  "resolver-lying": spoiled(
    "on|off",
    "the operator's resolver says that every name is one machine of its own",
    (words) => (onOff(words) ? names(["lying", ADDRESSES.resolver]) : undefined),
  ),
  "captive-portal": spoiled(
    "on|off",
    "every page is led to one where somebody has to log in",
    (words) => (onOff(words) ? { transport: "tcp", port: 80, words: ["portal"] } : undefined),
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
};

/** A fault that is somebody in the way of names or pages. */
function spoiled(
  usage: string,
  about: string,
  spoiling: (words: readonly string[]) => Spoiling | undefined,
): Fault {
  return {
    usage,
    about,
    async apply(lab, words) {
      const wanted = spoiling(words);
      await (wanted === undefined ? unspoil(lab) : spoil(lab, wanted));
      return undefined;
    },
  };
}

/** One cable that does not hold. */
async function flap(
  lab: string,
  [pause = "7", times = "3"]: readonly string[],
): Promise<undefined> {
  for (let turn = 0; turn < seconds(times); turn += 1) {
    if (turn > 0) await sleep(seconds(pause) * 1000);
    await carrierLoss(lab, ["0.2"]);
  }
}

/** The router of the access is another machine with the same address; nobody says so. */
async function changeRouter(lab: string): Promise<undefined> {
  const link = await mustAs(lab, "isp", ["ip", "-j", "link", "show", "dev", "access"]);
  const [{ address = "" } = {}] = JSON.parse(link) as { readonly address?: string }[];
  const other = address === ACCESS_MAC ? OTHER_MAC : ACCESS_MAC;
  await mustAs(lab, "isp", ["ip", "link", "set", "dev", "access", "address", other]);
}

const OTHER_MAC = "02:70:61:00:00:fe";

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

function names(words: readonly string[]): Spoiling {
  return { transport: "udp", port: 53, words };
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

/** A fault that is packets dropped at `isp`, on arrival if nothing else is said. */
function dropped(
  name: string,
  about: string,
  match: string,
  hooks: readonly DropHook[] = ["input"],
): Fault {
  return {
    usage: "on|off",
    about,
    async apply(lab, words) {
      await undrop(lab, name);
      if (onOff(words)) await drop(lab, name, match, hooks);
      return undefined;
    },
  };
}
