import { type Cidr6, formatCidr6, type Ipv6 } from "@passerelle/net";
import type { Instant } from "@passerelle/time";
import { isPreferred, isValid } from "../lifetimes.ts";
import { isGlobal } from "../plan.ts";
import type { Home, RaConfig } from "./config.ts";

/** Something that hosts were told and keep until they are told otherwise. */
export type Announced =
  | {
      readonly kind: "prefix";
      readonly prefix: Cidr6;
      /** Flag A: hosts make addresses of it. */
      readonly autonomous: boolean;
      /** Flag L. */
      readonly onLink: boolean;
    }
  | { readonly kind: "route"; readonly prefix: Cidr6 }
  | { readonly kind: "resolver"; readonly address: Ipv6 };

/** What hosts were told once and are told the end of. */
export interface Former {
  readonly what: Announced;
  /** How long they are told. */
  readonly until: Instant;
}

/** Two things with one key are one, whatever its flags. */
export function keyOf(what: Announced): string {
  const where = what.kind === "resolver" ? what.address : formatCidr6(what.prefix);
  return `${what.kind} ${where}`;
}

/** What is good to be told now. */
export function announcedNow(config: RaConfig, home: Home, now: Instant): readonly Announced[] {
  const prefixes = home.subnets
    .filter((subnet) => isValid(subnet, now))
    .map(
      ({ prefix }): Announced => ({
        kind: "prefix",
        prefix,
        autonomous: config.addressing !== "dhcpv6",
        onLink: true,
      }),
    );
  const routes = home.routes
    .filter((route) => isValid(route, now))
    .map(({ prefix }): Announced => ({ kind: "route", prefix }));
  const resolvers = resolversOf(config, home, now).map(
    (address): Announced => ({ kind: "resolver", address }),
  );
  return [...prefixes, ...routes, ...resolvers];
}

/** The box itself, by the address that stays when the operator's prefix changes; else by one that is good for long. */
export function resolversOf(config: RaConfig, home: Home, now: Instant): readonly Ipv6[] {
  if (config.resolvers.length > 0) return config.resolvers;
  const own =
    home.subnets.find(({ parent }) => !isGlobal(parent)) ??
    home.subnets.find((subnet) => isPreferred(subnet, now)) ??
    home.subnets.find((subnet) => isValid(subnet, now));
  return own === undefined || !isValid(own, now) ? [] : [own.address];
}

/** RFC 7084, G-4, G-5, L-4 and ULA-5: a default router has the Internet and a prefix of it to lend. */
export function isDefaultRouter(home: Home, now: Instant): boolean {
  return (
    home.reachable && home.subnets.some((subnet) => isGlobal(subnet.parent) && isValid(subnet, now))
  );
}
