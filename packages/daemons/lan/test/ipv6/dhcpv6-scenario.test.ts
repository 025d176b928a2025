import { toHex } from "@passerelle/bytes";
import { duidLl } from "@passerelle/dhcpv6";
import { parseIpv6 } from "@passerelle/net";
import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import type { Instant } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  checkEverything,
  type Dhcpv6Config,
  type Dhcpv6Input,
  type Dhcpv6State,
  dhcpv6Server,
  type StoredLease,
  slotOfLease,
} from "../../src/core/ipv6/dhcpv6/index.ts";
import {
  config,
  describeEffect,
  describeState,
  type MessageName,
  message,
  says,
} from "./dhcpv6-support.ts";
import { ip6, mac } from "./support.ts";

/**
 * Words of a story: `start|configure [PREFIX…] [stateless] [nopd] [length=N] [reserve=NAME@HOST]`, prefixes as in
 * `homePrefix`; a start takes `[boot=NAME]`, and `stored` for what the life before wrote.
 * `solicit|request|confirm|renew|rebind|release|decline|info NAME [na[=ADDRESS,…]] [pd[=PREFIX,…]] [iaid=N] [rapid]
 * [asks=CODE,…] [server=none|other] [guest] [from=ADDRESS]`, where `=own` is what the client was told last.
 * `stored N`, `refused N`: the disk.
 */
const NAMES: Readonly<Record<string, string>> = {
  laptop: "00:11:22:33:44:01",
  phone: "02:11:22:33:44:02",
  router: "00:11:22:33:44:03",
  second: "00:11:22:33:44:04",
};

/** The disk. */
const written = new Map<string, StoredLease>();

function word(words: readonly string[], name: string): string | undefined {
  return words.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
}

function configOf(words: readonly string[], now: Instant): Dhcpv6Config {
  const prefixes = words.filter((one) => one.includes("::/"));
  const [who, host] = (word(words, "reserve") ?? "").split("@");
  const reservations =
    host === undefined
      ? []
      : [
          {
            network: "lan",
            host: ip6(host),
            match: { kind: "mac", mac: mac(NAMES[who ?? ""] ?? "") } as const,
          },
        ];
  return config(
    {
      now,
      prefixes,
      addresses: !words.includes("stateless"),
      ...(words.includes("nopd") ? { delegates: false } : {}),
      delegatedLength: Number(word(words, "length") ?? 64),
    },
    { reservations },
  );
}

function parse(words: readonly string[], now: Instant, state: Dhcpv6State): Dhcpv6Input {
  const [verb = "", subject = "", ...rest] = words;
  switch (verb) {
    case "start": {
      const bootId = word(words, "boot") ?? "boot";
      const leases = words.includes("stored") ? [...written.values()] : [];
      return { kind: "start", config: configOf(words, now), leases, bootId };
    }
    case "configure":
      return { kind: "configure", config: configOf(words, now) };
    case "stored":
    case "refused":
      return { kind: "leases_stored", commit: Number(subject), durable: verb === "stored" };
    default:
      return spoken(verb, subject, rest, state);
  }
}

function spoken(
  verb: string,
  name: string,
  words: readonly string[],
  state: Dhcpv6State,
): Dhcpv6Input {
  const hardware = mac(NAMES[name] ?? name);
  const list = (kind: "na" | "pd"): Readonly<Record<string, readonly string[]>> => {
    if (words.includes(kind)) return { [kind]: [] };
    const given = word(words, kind);
    if (given === undefined) return {};
    return { [kind]: given === "own" ? ownOf(state, hardware, kind) : given.split(",") };
  };
  const type = (verb === "info" ? "INFORMATION_REQUEST" : verb.toUpperCase()) as MessageName;
  const server = word(words, "server");
  const said = {
    type,
    mac: hardware,
    ...list("na"),
    ...list("pd"),
    iaid: Number(word(words, "iaid") ?? 1),
    rapid: words.includes("rapid"),
    ...(server === undefined
      ? {}
      : { server: server === "none" ? undefined : Uint8Array.of(0, 3, 0, 1, 9) }),
    asks: (word(words, "asks") ?? "23").split(",").map(Number),
  };
  const from = parseIpv6(word(words, "from") ?? "");
  const input = message(said, words.includes("guest") ? "guest" : "lan");
  return from === undefined ? input : { ...input, ...{ source: from, message: says(said) } };
}

function ownOf(state: Dhcpv6State, hardware: string, kind: "na" | "pd"): readonly string[] {
  if (state.kind === "idle") return [];
  return [...state.leases.values()]
    .filter((lease) => lease.client.duid === toHex(duidLl(mac(hardware))))
    .filter((lease) => (lease.kind === "address") === (kind === "na"))
    .flatMap(({ given }) =>
      given.map(({ prefix }) =>
        kind === "na" ? prefix.address : `${prefix.address}/${prefix.prefixLength}`,
      ),
    );
}

/** A machine that dies and lives again: `start` begins anew, and what was stored is kept. */
const withLives: typeof dhcpv6Server = {
  ...dhcpv6Server,
  step: (state, input, now) => {
    const from: Dhcpv6State = input.kind === "start" ? dhcpv6Server.initial : state;
    const step = dhcpv6Server.step(from, input, now);
    for (const effect of step.effects) {
      if (effect.kind === "store_leases") {
        // As the disk gives it back.
        for (const one of effect.leases) {
          written.set(slotOfLease(one.lease), JSON.parse(JSON.stringify(one)));
        }
      }
      if (effect.kind === "store_ends") for (const slot of effect.slots) written.delete(slot);
    }
    return step;
  },
  check: checkEverything,
};

test.each(
  readScenarios(`${import.meta.dirname}/dhcpv6-scenario`).map((file) => [file.name, file] as const),
)("%s", (_, file) => {
  written.clear();
  const told = playScenario(file.text, {
    machine: withLives,
    parseInput: parse,
    describeEffect,
    describeState,
  });
  expect(told).toBe(settleScenario(file, told));
});
