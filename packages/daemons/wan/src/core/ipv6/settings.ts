import { type Dhcpv6Option, duidLl } from "@passerelle/dhcpv6";
import type { Ipv6, Mac } from "@passerelle/net";
import type { Dhcpv6Settings, Wanted6 } from "../dhcpv6/settings.ts";
import { fillTemplate, type IdentityInputs, type Profile } from "../profile.ts";
import { defaultRouters, type RouterState } from "../router/state.ts";

/** IPv6 on the line, by profile. */
export interface Ipv6Settings {
  readonly address: Wish;
  readonly prefix: Wish;
  readonly prefixLength: number;
  readonly rapidCommit: boolean;
  readonly optionRequest: readonly number[];
  /** Where the operator sends no advertisements. */
  readonly fixedRouter?: Ipv6;
  /** The options of the profile need the challenge that the session of IPv4 has drawn. */
  readonly needsChallenge: boolean;
  readonly options: (mac: Mac, challenge: Uint8Array) => readonly Dhcpv6Option[];
}

/** "auto": when a router advertisement says so. */
export type Wish = "auto" | "always" | "never";

export function ipv6Settings(
  profile: Profile,
  identity: Omit<IdentityInputs, "mac" | "challenge">,
): Ipv6Settings | undefined {
  const { ipv6 } = profile;
  if (ipv6 === undefined) return undefined;
  const { options, router, ...rest } = ipv6;
  return {
    ...rest,
    ...(router === undefined ? {} : { fixedRouter: router }),
    needsChallenge: options.some(({ hex }) => hex?.includes("{auth}") === true),
    options: (mac, challenge) =>
      options.map((template) => ({
        code: template.code,
        data: fillTemplate(template, profile, { ...identity, mac, challenge }),
      })),
  };
}

/** Who we are to the operator is a matter of the line's MAC: the same after every restart and reset. */
export function dhcpv6Settings(settings: Ipv6Settings, mac: Mac): Dhcpv6Settings {
  const { prefixLength, rapidCommit, optionRequest, options } = settings;
  return {
    ...{ duid: duidLl(mac), prefixLength, rapidCommit, optionRequest },
    options: (challenge) => options(mac, challenge),
  };
}

/** RFC 7084 WAA-3 and WPD-4. */
export function wantedOf({ address, prefix }: Ipv6Settings, router: RouterState): Wanted6 {
  const routers = defaultRouters(router);
  const managed = routers.some((one) => one.managed);
  const other = routers.some((one) => one.other);
  return {
    address: address === "always" || (address === "auto" && managed),
    prefix: prefix === "always" || (prefix === "auto" && (managed || other)),
    information: managed || other,
  };
}
