import { type AnySection, section } from "@passerelle/contract";
import * as v from "valibot";
import { knownSections, type Sections } from "../src/core/document.ts";

/** A section of every kind of thing that `config` has to deal with, in two versions. */
const address = v.pipe(v.string(), v.regex(/^192\.168\.\d{1,3}\.1$/, "an address of a home"));
const person = v.strictObject({
  id: v.string(),
  password: v.pipe(v.string(), v.minLength(4)),
  age: v.optional(v.number()),
});
const lanSchema = v.strictObject({
  address,
  domain: v.pipe(v.string(), v.minLength(1)),
  people: v.pipe(v.array(person), v.maxLength(8)),
});
type Lan = v.InferOutput<typeof lanSchema>;

export const lanSection = section<Lan>({
  name: "lan",
  version: 2,
  // Version 1 called the domain "suffix".
  migrations: {
    1: (old) => {
      const { suffix, ...rest } = old as { readonly suffix: string };
      return { ...rest, domain: suffix };
    },
  },
  schema: lanSchema,
  secrets: ["/people/*/password"],
  defaults: () => ({ address: "192.168.1.1", domain: "home", people: [] }),
  impact: (before, after) => [
    ...(before.address === after.address
      ? []
      : [
          {
            severity: "may_cut_you_off" as const,
            text: { fr: "L'adresse change.", en: "The address changes." },
          },
        ]),
    ...(before.domain === after.domain
      ? []
      : [{ severity: "none" as const, text: { fr: "Le nom change.", en: "The name changes." } }]),
  ],
  validate: (config) =>
    config.domain === "forbidden" ? [{ path: "/domain", message: "This name is taken." }] : [],
});

const wanSchema = v.strictObject({
  profile: v.picklist(["ethernet", "orange"]),
  password: v.optional(v.string()),
});

export const wanSection = section<v.InferOutput<typeof wanSchema>>({
  name: "wan",
  version: 1,
  migrations: {},
  schema: wanSchema,
  secrets: ["/password"],
  defaults: (entropy) => ({ profile: "ethernet", password: entropy.password(60) }),
  impact: (before, after) =>
    before.profile === after.profile
      ? []
      : [{ severity: "short_interruption", text: { fr: "Coupure.", en: "Interruption." } }],
  validate: () => [],
});

export const homeSections: readonly AnySection[] = [lanSection, wanSection];

export function homeKnown(): Sections {
  return knownSections(homeSections);
}

export const lanAuthor = { name: "Ada", origin: "lan" } as const;
