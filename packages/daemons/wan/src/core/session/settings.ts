import type { Cidr4 } from "@passerelle/net";
import { parseCidr4 } from "@passerelle/net";
import {
  type DhcpProfile,
  identityOptions,
  type OptionValue,
  type Profile,
  type Retransmit,
} from "../profile.ts";
import type { Identity } from "./state.ts";

/** Profile and configuration, made ready for the machine. Secrets stay inside `options`, never in a state or an input. */
export interface SessionSettings {
  readonly parameterRequestList: readonly number[];
  readonly broadcast: boolean;
  readonly hostname?: string;
  readonly conflictProbe: boolean;
  readonly retransmit: Retransmit;
  readonly parkingPrefixes: readonly Cidr4[];
  readonly options: (identity: Identity) => readonly OptionValue[];
}

export interface LineIdentity {
  readonly login: string;
  readonly password: string;
  readonly boxModel: string;
  readonly hostname?: string;
}

export function sessionSettings(
  profile: Profile & { readonly dhcp: DhcpProfile },
  line: LineIdentity,
): SessionSettings {
  const { dhcp, health } = profile;
  return {
    parameterRequestList: dhcp.parameterRequestList,
    broadcast: dhcp.broadcast,
    ...(dhcp.hostname && line.hostname !== undefined ? { hostname: line.hostname } : {}),
    conflictProbe: dhcp.conflictProbe,
    retransmit: dhcp.retransmit,
    parkingPrefixes: health.parkingPrefixes.flatMap((text) => parseCidr4(text) ?? []),
    options: ({ mac, entropy }) =>
      identityOptions(profile, {
        mac,
        boxModel: line.boxModel,
        login: line.login,
        password: line.password,
        challenge: entropy.challenge,
      }),
  };
}
