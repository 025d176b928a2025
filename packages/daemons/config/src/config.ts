import { section as define } from "@passerelle/contract";
import * as v from "valibot";

/** The part of the configuration that belongs to no daemon: the box itself. */
const schema = v.strictObject({
  device: v.strictObject({
    /** What people call the box; also shown by the web page before anyone logs in. */
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(63)),
  }),
});
export type ConfigConfig = v.InferOutput<typeof schema>;

export const section = define<ConfigConfig>({
  name: "config",
  version: 2,
  migrations: { 1: withoutPassword },
  schema,
  secrets: [],
  defaults: () => ({ device: { name: "Passerelle" } }),
  impact: () => [],
  validate: () => [],
});

/** The password of people moved out of the configuration, to `web`. */
function withoutPassword(old: unknown): unknown {
  if (typeof old !== "object" || old === null || !("device" in old)) return old;
  const { device } = old;
  const name = typeof device === "object" && device !== null && "name" in device ? device.name : "";
  return { device: { name } };
}
