import { OPTION, textOption } from "@passerelle/dhcpv4";
import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { type DhcpInput, dhcpServer } from "../src/core/dhcp/index.ts";
import { describeState } from "./dhcp-describe.ts";
import {
  cidr,
  config,
  describeEffect,
  ip,
  mac,
  message,
  network,
  type Said,
} from "./dhcp-support.ts";

/**
 * Words of a story: `start [noprobe] [reserve=MAC@ADDR] [pool=N]`, `discover|request|decline|release|inform NAME
 * [requested=A] [server=A] [ciaddr=A] [giaddr=A] [id=HEX] [broadcast] [class=TEXT]`, `stored N`, `refused N`,
 * `arp ADDR NAME`, `configure …` like start, which take `[at=192.168.77] [host=N] [former=192.168.1.1/24]` as well.
 */
const NAMES: Readonly<Record<string, string>> = {
  tele: "00:11:22:33:44:01",
  laptop: "00:11:22:33:44:02",
  phone: "02:11:22:33:44:03",
  printer: "00:11:22:33:44:04",
};

function configOf(words: readonly string[]): ReturnType<typeof config> {
  const word = (name: string): string | undefined =>
    words.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const size = Number(word("pool") ?? 10);
  const [who, where] = (word("reserve") ?? "").split("@");
  const at = word("at") ?? "192.168.1";
  return config({
    networks: [
      network({
        server: ip(`${at}.${word("host") ?? 1}`),
        subnet: cidr(`${at}.${word("host") ?? 1}/24`),
        former: [word("former") ?? []].flat().map(cidr),
        probe: !words.includes("noprobe"),
        first: ip(`${at}.50`),
        last: ip(`${at}.${49 + size}`),
        leaseTime: seconds(Number(word("lease") ?? 3600)),
      }),
    ],
    reservations:
      who === undefined || where === undefined
        ? []
        : [{ address: ip(where), match: { kind: "mac", mac: mac(NAMES[who] ?? who) } }],
    classes: [
      {
        name: "stb",
        match: { vendorClass: "sagem" },
        options: [textOption(OPTION.DOMAIN_NAME, "tv.home.arpa")],
        always: true,
      },
    ],
  });
}

function parse(words: readonly string[]): DhcpInput {
  const [verb = "", subject = "", ...rest] = words;
  const word = (name: string): string | undefined =>
    rest.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const address = (name: string) => {
    const text = word(name);
    return text === undefined ? {} : { [name]: ip(text) };
  };
  switch (verb) {
    case "start":
      return { kind: "start", config: configOf(words), leases: [], bootId: "boot" };
    case "configure":
      return { kind: "configure", config: configOf(words) };
    case "stored":
    case "refused":
      return { kind: "lease_stored", commit: Number(subject), durable: verb === "stored" };
    case "arp":
      return {
        kind: "arp_seen",
        network: "lan",
        address: ip(subject),
        mac: mac(NAMES[rest[0] ?? ""] ?? ""),
      };
    case "discover":
    case "request":
    case "decline":
    case "release":
    case "inform": {
      const id = word("id");
      const vendorClass = word("class");
      const said: Said = {
        type: `DHCP${verb.toUpperCase()}` as Said["type"],
        mac: mac(NAMES[subject] ?? subject),
        ...address("requested"),
        ...address("server"),
        ...address("ciaddr"),
        ...address("giaddr"),
        ...(id === undefined ? {} : { id }),
        ...(vendorClass === undefined ? {} : { vendorClass }),
        broadcast: rest.includes("broadcast"),
      };
      return message(said);
    }
    default:
      throw new Error(`unknown word: ${verb}`);
  }
}

test.each(
  readScenarios(`${import.meta.dirname}/scenario`).map((file) => [file.name, file] as const),
)("%s", (_, file) => {
  const told = playScenario(file.text, {
    machine: dhcpServer,
    parseInput: parse,
    describeEffect,
    describeState,
  });
  expect(told).toBe(settleScenario(file, told));
});
