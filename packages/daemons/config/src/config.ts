import { section as define } from "@passerelle/contract";
import * as v from "valibot";

/** The part of the configuration that belongs to no daemon: the box itself. */
const schema = v.strictObject({
  device: v.strictObject({
    /** What people call the box; also shown by the web page before anyone logs in. */
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(63)),
    /** Of the person who owns the box; random on each device. */
    adminPassword: v.pipe(v.string(), v.minLength(8), v.maxLength(128)),
  }),
});
export type ConfigConfig = v.InferOutput<typeof schema>;

/** S-11: per device, not derived from anything, at least 60 bits. */
export const ADMIN_PASSWORD_BITS = 64;

export const section = define<ConfigConfig>({
  name: "config",
  version: 1,
  migrations: {},
  schema,
  secrets: ["/device/adminPassword"],
  defaults: (entropy) => ({
    device: { name: "Passerelle", adminPassword: entropy.password(ADMIN_PASSWORD_BITS) },
  }),
  impact: (before, after) =>
    before.device.adminPassword === after.device.adminPassword
      ? []
      : [
          {
            severity: "none",
            text: {
              fr: "Le mot de passe de la passerelle change.",
              en: "The password of the gateway changes.",
            },
          },
        ],
  validate: () => [],
});
