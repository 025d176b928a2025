import { type Duration, minutes, seconds } from "@passerelle/time";
import {
  AUTHENTICATION_TIMING,
  type AuthenticationTiming,
  type Credentials,
} from "../auth/state.ts";
import { NEGOTIATION_TIMING, type NegotiationTiming } from "../automaton/policy.ts";
import type { AuthenticationMethod } from "../lcp/authentication.ts";
import { ECHO, type EchoSettings, type LcpSettings } from "../lcp/state.ts";
import {
  type DiscoverySettings,
  PADI_RETRANSMISSION,
  PADR_RETRANSMISSION,
  PAYLOAD_ORDINARY,
} from "../pppoe/discovery-state.ts";

/** What the line asks for. The secret stays here: it is in no state, input or effect but the packets themselves. */
export interface PppSettings {
  readonly discovery: DiscoverySettings;
  readonly credentials?: Credentials;
  /** The best first. */
  readonly methods: readonly AuthenticationMethod[];
  readonly negotiation: NegotiationTiming;
  readonly authentication: AuthenticationTiming;
  readonly echo: EchoSettings;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** 8 octets, the same at every dial, so that our link-local address stays. */
  readonly interfaceIdentifier: Uint8Array;
  /** How long LCP, authentication or the wait for a first address may take, each. */
  readonly phaseMax: Duration;
  readonly redial: RedialSettings;
}

/** Waits before a new dial; each has up to half of it more, drawn by lot, so that a street does not dial as one. */
export interface RedialSettings {
  readonly first: Duration;
  readonly max: Duration;
  /** After a refused name or password: operators lock who tries too often. */
  readonly refusedFirst: Duration;
  readonly refusedMax: Duration;
  /** A session that was up this long makes earlier failures forgotten. */
  readonly steadyAfter: Duration;
}

/** With their lot, 1 to 60 s, and 30 to 300 s when the operator refused us. */
export const REDIAL: RedialSettings = {
  first: seconds(1),
  max: seconds(40),
  refusedFirst: seconds(30),
  refusedMax: seconds(200),
  steadyAfter: minutes(1),
};

/** What most lines take; the profile changes what its operator needs. */
export function pppSettings(
  own: Pick<PppSettings, "interfaceIdentifier"> & Partial<PppSettings>,
): PppSettings {
  return {
    discovery: {
      serviceName: new Uint8Array(0),
      offerWindow: seconds(0),
      payloadMax: PAYLOAD_ORDINARY,
      padi: PADI_RETRANSMISSION,
      padr: PADR_RETRANSMISSION,
    },
    methods: ["chap_md5", "pap"],
    negotiation: NEGOTIATION_TIMING,
    authentication: AUTHENTICATION_TIMING,
    echo: ECHO,
    ipv4: true,
    ipv6: true,
    phaseMax: seconds(40),
    redial: REDIAL,
    ...own,
  };
}

/** @param payloadMax octets that discovery agreed on */
export function lcpSettings(settings: PppSettings, payloadMax: number): LcpSettings {
  return {
    mru: payloadMax,
    methods: settings.credentials === undefined ? [] : settings.methods,
    timing: settings.negotiation,
    echo: settings.echo,
  };
}
