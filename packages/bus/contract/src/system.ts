import * as v from "valibot";
import { command, event, state } from "./define.ts";
import { count, fault, hostileText, interfaceName, macText, wallTime } from "./values.ts";

const ratio = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const storage = v.strictObject({
  /** "data" (what must survive), "system" (the image), "temporary". */
  name: v.string(),
  totalBytes: count,
  usedBytes: count,
});

const processUse = v.strictObject({
  /** The daemon, "broker", or "other" for what is not ours. */
  name: v.string(),
  /** Proportional set size: shared pages are divided among those who share them. */
  pssBytes: count,
  /** Share of one processor over the last period. */
  cpu: v.pipe(v.number(), v.minValue(0)),
});

/** One reading of the machine. */
const sample = v.strictObject({
  at: wallTime,
  /** Share of all processors that worked. */
  cpu: ratio,
  memoryTotalBytes: count,
  memoryAvailableBytes: count,
  /** Hottest sensor; absent where the machine has none. */
  temperatureCelsius: v.optional(v.number()),
  /** bit/s through the WAN interface. */
  wanDownRate: v.number(),
  wanUpRate: v.number(),
  /** Last known time to answer of the Internet; absent while it does not answer. */
  latencyMs: v.optional(v.number()),
  /** dB and bit/s of a DSL line that is up; absent where its modem does not say them. */
  dslMarginDown: v.optional(v.number()),
  dslMarginUp: v.optional(v.number()),
  dslRateDown: v.optional(v.number()),
  dslRateUp: v.optional(v.number()),
});
export type SystemSample = v.InferOutput<typeof sample>;

const clock = v.variant("kind", [
  v.strictObject({
    kind: v.literal("synchronised"),
    source: v.string(),
    /** Our clock minus theirs at the last answer. */
    offsetMs: v.number(),
    stratum: count,
    at: wallTime,
  }),
  v.strictObject({ kind: v.literal("unsynchronised"), fault: v.optional(fault) }),
]);

export const systemState = state({
  name: "state",
  owner: "system",
  about: "The machine: what it is, how it is, its clock.",
  schema: v.strictObject({
    model: v.string(),
    version: v.string(),
    serial: v.optional(v.string()),
    hostname: v.string(),
    bootedAt: wallTime,
    /** Why it started last: "power", "person", "upgrade", "fallback", "factory_reset", "crash", "watchdog", "unknown". */
    bootCause: v.string(),
    timezone: v.string(),
    clock,
    storage: v.array(storage),
    processes: v.array(processUse),
    latest: sample,
    faults: v.array(fault),
  }),
});
export type SystemState = v.InferOutput<typeof systemState.schema>;

/** Once a second, for live charts. */
export const systemSample = event({
  name: "sample",
  owner: "system",
  about: "One reading of the machine, every second.",
  schema: sample,
});

/** What is counted over time; each is one chart. */
export const SERIES = [
  "cpu",
  "memory_available",
  "temperature",
  "wan_down",
  "wan_up",
  "latency",
  "dsl_margin_down",
  "dsl_margin_up",
  "dsl_rate_down",
  "dsl_rate_up",
] as const;
const resolution = v.picklist(["1s", "10s", "5m"]);

export const systemHistory = command({
  name: "history",
  owner: "system",
  callers: ["web"],
  about: "A series from the rings: 1 s for 10 minutes, 10 s for 24 hours, 5 min for 30 days.",
  request: v.strictObject({ series: v.picklist(SERIES), resolution }),
  reply: v.strictObject({
    series: v.picklist(SERIES),
    periodMs: count,
    /** Start of the first point; each following one is a period later. */
    from: wallTime,
    /** Mean and peak of each period; null where nothing was measured. */
    mean: v.array(v.nullable(v.number())),
    peak: v.array(v.nullable(v.number())),
  }),
});

const logEntry = v.strictObject({
  /** Grows by one; never used twice, also after a restart. */
  id: count,
  at: wallTime,
  /** What it is about. */
  category: v.picklist(["line", "home", "security", "configuration", "system"]),
  severity: v.picklist(["info", "warning", "fault"]),
  /** Stable: docs/errors.md and docs/event-log.md list them. */
  code: v.string(),
  text: v.strictObject({ fr: v.string(), en: v.string() }),
  /** Who did it or whom it concerns, as they call themselves. */
  actor: v.optional(hostileText),
  /** Address, device or page it came from. */
  source: v.optional(hostileText),
});
export type SystemLogEntry = v.InferOutput<typeof logEntry>;

export const systemLogged = event({
  name: "logged",
  owner: "system",
  about: "A line was added to the event log.",
  schema: logEntry,
});

export const systemLog = command({
  name: "log",
  owner: "system",
  callers: ["web"],
  about: "Lines of the event log, newest first.",
  request: v.strictObject({
    category: v.optional(v.picklist(["line", "home", "security", "configuration", "system"])),
    /** Only lines with a smaller id: the next page. */
    before: v.optional(count),
    limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
  }),
  reply: v.strictObject({ entries: v.array(logEntry), more: v.boolean() }),
});

const notification = v.strictObject({
  id: v.string(),
  at: wallTime,
  severity: v.picklist(["info", "warning", "fault"]),
  code: v.string(),
  text: v.strictObject({ fr: v.string(), en: v.string() }),
  next: v.optional(v.strictObject({ fr: v.string(), en: v.string() })),
  /** The device, opening or daemon it is about. */
  subject: v.optional(hostileText),
});
export type SystemNotification = v.InferOutput<typeof notification>;

export const systemNotifications = state({
  name: "notifications",
  owner: "system",
  about: "What a person should know and has not dismissed; a fault goes when its cause goes.",
  schema: v.strictObject({ notifications: v.array(notification) }),
});

export const systemDismiss = command({
  name: "dismiss",
  owner: "system",
  callers: ["web"],
  about: "Takes a notification away.",
  request: v.strictObject({ id: v.pipe(v.string(), v.maxLength(128)) }),
  reply: v.strictObject({}),
});

/** The button on the box was pressed: a person stands before it. */
export const systemButton = event({
  name: "button",
  owner: "system",
  about: "The button of the box was pressed.",
  schema: v.strictObject({ at: wallTime }),
});

const target = v.pipe(
  v.string(),
  v.regex(
    /^(?!-)[a-zA-Z0-9_.:-]{1,253}$/,
    "a name such as example.org or an address, without blanks",
  ),
);

const diagnosis = v.variant("kind", [
  v.strictObject({
    kind: v.literal("ping"),
    target,
    count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  }),
  v.strictObject({ kind: v.literal("trace"), target }),
  v.strictObject({
    kind: v.literal("dns_lookup"),
    target,
    type: v.picklist(["A", "AAAA", "PTR", "MX", "TXT", "NS", "SOA", "CNAME", "SRV", "HTTPS"]),
    /** Absent: as the home asks, through our forwarder. */
    resolver: v.optional(v.pipe(v.string(), v.maxLength(45))),
  }),
  v.strictObject({
    kind: v.literal("capture"),
    /** "wan" or the name of a network of the home. */
    network: v.pipe(v.string(), v.maxLength(32)),
    /** One device only. */
    mac: v.optional(macText),
    seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(300)),
  }),
  v.strictObject({ kind: v.literal("wake"), mac: macText }),
  v.strictObject({ kind: v.literal("no_internet") }),
  v.strictObject({ kind: v.literal("slow") }),
]);
export type Diagnosis = v.InferOutput<typeof diagnosis>;

const step = v.strictObject({
  code: v.string(),
  verdict: v.picklist(["ok", "warning", "fault", "skipped"]),
  text: v.strictObject({ fr: v.string(), en: v.string() }),
  next: v.optional(v.strictObject({ fr: v.string(), en: v.string() })),
});

const job = v.strictObject({
  id: v.string(),
  request: diagnosis,
  startedAt: wallTime,
  state: v.picklist(["running", "done", "failed", "cancelled"]),
  progress: ratio,
  fault: v.optional(fault),
  /** What an assistant looked at, in order, each with its verdict. */
  steps: v.array(step),
  /** One line of a result each: an answer to a ping, a hop, a record. */
  lines: v.array(
    v.strictObject({
      /** Number of the ping or of the hop. */
      number: v.optional(count),
      address: v.optional(v.string()),
      name: v.optional(hostileText),
      timeMs: v.optional(v.number()),
      ttl: v.optional(count),
      text: v.optional(v.pipe(v.string(), v.maxLength(512))),
    }),
  ),
  /** Size of the file of a capture, in the runtime directory of `system`. */
  fileBytes: v.optional(count),
});
export type SystemJob = v.InferOutput<typeof job>;

export const systemJobs = state({
  name: "jobs",
  owner: "system",
  about: "Diagnoses that run, and the last ones that ended.",
  schema: v.strictObject({ jobs: v.array(job) }),
  readers: ["web"],
});

export const systemDiagnose = command({
  name: "diagnose",
  owner: "system",
  callers: ["web"],
  about: "Starts a diagnosis; how it goes is in system/jobs.",
  request: diagnosis,
  reply: v.strictObject({ id: v.string() }),
});

export const systemCancel = command({
  name: "cancel",
  owner: "system",
  callers: ["web"],
  about: "Ends a diagnosis.",
  request: v.strictObject({ id: v.pipe(v.string(), v.maxLength(64)) }),
  reply: v.strictObject({}),
});

export const systemCaptureFile = command({
  name: "capture-file",
  owner: "system",
  callers: ["web"],
  about: "A part of a capture (pcap) in base64; ask on from where the last part ended.",
  request: v.strictObject({ id: v.pipe(v.string(), v.maxLength(64)), offset: count }),
  reply: v.strictObject({ data: v.string(), more: v.boolean() }),
});

export const systemSupportBundle = command({
  name: "support-bundle",
  owner: "system",
  callers: ["web"],
  about: "State, events and figures for whoever helps, without a secret, as one JSON text.",
  request: v.strictObject({}),
  reply: v.strictObject({ document: v.string() }),
});

export const systemReboot = command({
  name: "reboot",
  owner: "system",
  callers: ["web"],
  about: "Starts the box again.",
  request: v.strictObject({ author: v.pipe(v.string(), v.maxLength(64)) }),
  reply: v.strictObject({}),
});

export const systemFactoryReset = command({
  name: "factory-reset",
  owner: "system",
  callers: ["web"],
  about: "Erases everything that people and devices left on the box, then starts it again.",
  request: v.strictObject({ author: v.pipe(v.string(), v.maxLength(64)) }),
  reply: v.strictObject({}),
});

export const systemInterfaces = state({
  name: "interfaces",
  owner: "system",
  about: "Counters of every network interface, every 10 seconds.",
  schema: v.strictObject({
    at: wallTime,
    interfaces: v.array(
      v.strictObject({
        name: interfaceName,
        up: v.boolean(),
        receivedBytes: count,
        sentBytes: count,
        receiveErrors: count,
        sendErrors: count,
      }),
    ),
  }),
});
