import type { ReplyOf, Routes } from "@passerelle/api";
import type { Fixture } from "./box.ts";
import { NOW, wanDown, well } from "./fixtures.ts";

type Reply<Key extends keyof Routes> = ReplyOf<Routes[Key]>;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const noAnswer = wanDown.line.cause;

type Transition = Reply<"GET /wan/history">["transitions"][number];

function outage(from: number, ms: number): readonly Transition[] {
  return [
    {
      at: from,
      layer: "reach",
      from: "online",
      to: "offline",
      ...(noAnswer === undefined ? {} : { cause: noAnswer }),
    },
    { at: from + 100, layer: "session", from: "bound", to: "selecting" },
    { at: from + ms - 100, layer: "session", from: "selecting", to: "bound" },
    { at: from + ms, layer: "reach", from: "offline", to: "online" },
  ];
}

const wanHistory: Reply<"GET /wan/history"> = {
  transitions: [
    { at: NOW - 9 * DAY, layer: "access", from: "no_carrier", to: "up" },
    { at: NOW - 9 * DAY + 900, layer: "session", from: "selecting", to: "bound" },
    { at: NOW - 9 * DAY + 1200, layer: "reach", from: "unknown", to: "online" },
    ...outage(NOW - 4 * DAY, 14 * MINUTE),
    ...outage(NOW - DAY - HOUR, 40_000),
    { at: NOW - 6 * HOUR, layer: "session", from: "bound", to: "renewing" },
    { at: NOW - 6 * HOUR + 50, layer: "session", from: "renewing", to: "bound" },
    ...outage(NOW - 2 * HOUR, 3 * MINUTE),
  ],
};

const history: Reply<"GET /system/history"> = {
  series: "wan_down",
  periodMs: 1000,
  from: NOW - 599_000,
  mean: Array.from({ length: 600 }, (_, n) =>
    n > 200 && n < 230 ? null : 3e7 * (1.2 + Math.sin(n / 40)) + (n % 17) * 1e6,
  ),
  peak: Array.from({ length: 600 }, (_, n) => 4e7 * (1.2 + Math.sin(n / 40)) + (n % 17) * 1e6),
};

const wanSection = {
  interface: "wan",
  profile: "orange-fr",
  link: "untagged",
  mac: "02:70:61:00:00:01",
  credentials: { login: "fti/abc123", password: "•••" },
  health: { names: ["example.com"] },
};

const config: Reply<"GET /config"> = {
  revision: 7,
  sections: { wan: wanSection },
};

/** A home whose box was asked everything. */
export const whole: Fixture = {
  replies: { ...well.replies, "GET /system/history": history, "GET /config": config },
  channels: { ...well.channels, "wan-history": wanHistory },
};

export const lineDown: Fixture = {
  ...whole,
  channels: {
    ...whole.channels,
    wan: wanDown,
    "wan-history": {
      transitions: [
        ...wanHistory.transitions,
        {
          at: NOW - 25 * MINUTE,
          layer: "reach",
          from: "online",
          to: "offline",
          ...(noAnswer === undefined ? {} : { cause: noAnswer }),
        },
      ],
    },
  },
};
