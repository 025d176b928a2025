import { section as define, type Section } from "@passerelle/contract";
import * as v from "valibot";

const timezone = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check(isTimezone, "a time zone such as Europe/Paris"),
);

/** Becomes a word of chrony's configuration: nothing that could begin another directive. */
const server = v.pipe(
  v.string(),
  v.regex(
    /^(?!-)[a-zA-Z0-9.:-]{1,253}$/,
    "a name such as pool.ntp.org or an address, without blanks",
  ),
);

const schema = v.strictObject({
  timezone,
  ntp: v.strictObject({
    enabled: v.boolean(),
    /** Asked for the time; a name may stand for many servers. */
    servers: v.pipe(v.array(server), v.maxLength(8)),
    /** Whether devices of the home may ask us for the time. */
    serveLan: v.boolean(),
  }),
  /** What a person is told of without looking. */
  notifications: v.strictObject({
    newDevice: v.boolean(),
    internet: v.boolean(),
    configuration: v.boolean(),
    /** Storage, temperature, clock, services that keep dying. */
    health: v.boolean(),
  }),
});

export type SystemConfig = v.InferOutput<typeof schema>;

export const section: Section<SystemConfig> = define<SystemConfig>({
  name: "system",
  version: 1,
  migrations: {},
  schema,
  defaults: () => ({
    timezone: "Europe/Paris",
    ntp: { enabled: true, servers: ["pool.ntp.org"], serveLan: true },
    notifications: { newDevice: true, internet: true, configuration: true, health: true },
  }),
  secrets: [],
  impact: () => [],
  validate: ({ ntp }) =>
    ntp.enabled && ntp.servers.length === 0
      ? [{ path: "/ntp/servers", message: "at least one server while the time is asked for" }]
      : [],
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // Offsets such as +01:00 are accepted by Intl, but know no summer time.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
