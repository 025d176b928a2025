import { values } from "@passerelle/contract";
import * as v from "valibot";

/**
 * As much of other daemons' sections as devices and openings are made of. The sections belong to their daemons, which
 * validate every change; what is not named here is kept as it is.
 */
const sectionsView = v.looseObject({
  firewall: v.looseObject({
    forwards: v.array(
      v.looseObject({
        id: v.string(),
        name: v.optional(v.string()),
        enabled: v.boolean(),
        protocol: v.picklist(["tcp", "udp", "both"]),
        port: values.portNumber,
        portLast: v.optional(values.portNumber),
        to: values.ipv4Text,
        toPort: v.optional(values.portNumber),
        source: v.optional(v.string()),
      }),
    ),
    blocked: v.array(v.string()),
  }),
  lan: v.looseObject({
    networks: v.array(v.looseObject({ name: v.string(), address: values.cidr4Text })),
    reservations: v.array(
      v.looseObject({ address: values.ipv4Text, mac: v.optional(values.macText) }),
    ),
  }),
});

export function readSections(value: unknown): v.InferOutput<typeof sectionsView> | undefined {
  const parsed = v.safeParse(sectionsView, value);
  return parsed.success ? parsed.output : undefined;
}
