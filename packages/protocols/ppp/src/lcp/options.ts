import { nextUint32, type Rng } from "@passerelle/machine";
import type { Judgement, NegotiationPolicy, Verdict } from "../automaton/policy.ts";
import type { PppOption } from "../control-packet.ts";
import { CODE } from "../control-packet.ts";
import { uint16Data, uint16Of, uint32Data, uint32Of } from "../numbers.ts";
import { type AuthenticationMethod, authenticationData, methodOf } from "./authentication.ts";

/** RFC 1661 section 6, RFC 1662 section 7. */
export const LCP_OPTION = {
  MAXIMUM_RECEIVE_UNIT: 1,
  ASYNC_CONTROL_CHARACTER_MAP: 2,
  AUTHENTICATION_PROTOCOL: 3,
  QUALITY_PROTOCOL: 4,
  MAGIC_NUMBER: 5,
  PROTOCOL_FIELD_COMPRESSION: 7,
  ADDRESS_AND_CONTROL_FIELD_COMPRESSION: 8,
} as const;

/** RFC 1661 section 6.1: what holds where nobody says anything. */
export const MRU_DEFAULT = 1500;
/** Every IPv4 host takes this much (RFC 791 section 3.1): a peer that wants less is asked for more. */
export const MRU_MIN = 576;

export interface LcpOptionSettings {
  /** Largest packet that we take: 1492, or more by RFC 4638. */
  readonly mru: number;
  /** How we can say who we are, the best first; none where there are no credentials. */
  readonly methods: readonly AuthenticationMethod[];
}

export interface LcpLocal {
  /** Undefined when the peer does not know the option. */
  readonly mru?: number;
  readonly magic?: number;
  readonly rng: Rng;
  /** Times that the peer asked for a method that we do not have. */
  readonly methodsRefused: number;
  /** Times that our own magic number came back. */
  readonly loops: number;
}

export interface LcpPeer {
  readonly mru: number;
  readonly authentication?: AuthenticationMethod;
}

export function newLcpLocal(settings: LcpOptionSettings, rng: Rng): LcpLocal {
  return withNewMagic({ mru: settings.mru, rng, methodsRefused: 0, loops: 0 });
}

export function lcpPolicy(settings: LcpOptionSettings): NegotiationPolicy<LcpLocal, LcpPeer> {
  return {
    request,
    naked: (local, wanted) => naked(settings, local, wanted),
    rejected: (local, unknown) => unknown.reduce(withoutOption, local),
    judge: (local, asked) => judge(settings, local, asked),
    extraCodes: EXTRA_CODES,
  };
}

const EXTRA_CODES: readonly number[] = [
  CODE.PROTOCOL_REJECT,
  CODE.ECHO_REQUEST,
  CODE.ECHO_REPLY,
  CODE.DISCARD_REQUEST,
  CODE.IDENTIFICATION,
  CODE.TIME_REMAINING,
];

function request({ mru, magic }: LcpLocal): readonly PppOption[] {
  const options: PppOption[] = [];
  if (mru !== undefined) {
    options.push({ type: LCP_OPTION.MAXIMUM_RECEIVE_UNIT, data: uint16Data(mru) });
  }
  if (magic !== undefined) {
    options.push({ type: LCP_OPTION.MAGIC_NUMBER, data: uint32Data(magic) });
  }
  return options;
}

function naked(
  settings: LcpOptionSettings,
  local: LcpLocal,
  wanted: readonly PppOption[],
): LcpLocal {
  let next = local;
  for (const { type, data } of wanted) {
    if (type === LCP_OPTION.MAXIMUM_RECEIVE_UNIT && next.mru !== undefined) {
      const mru = uint16Of(data);
      // RFC 2516 section 7: never more than fits, whatever the peer proposes.
      if (mru !== undefined && mru >= MRU_MIN && mru <= settings.mru) next = { ...next, mru };
    }
    // RFC 1661 section 6.4: a new number, not the one that the peer saw.
    if (type === LCP_OPTION.MAGIC_NUMBER && next.magic !== undefined) next = withNewMagic(next);
  }
  return next;
}

function withoutOption(local: LcpLocal, { type }: PppOption): LcpLocal {
  const { mru, magic, ...rest } = local;
  return {
    ...rest,
    ...(mru === undefined || type === LCP_OPTION.MAXIMUM_RECEIVE_UNIT ? {} : { mru }),
    ...(magic === undefined || type === LCP_OPTION.MAGIC_NUMBER ? {} : { magic }),
  };
}

function judge(
  settings: LcpOptionSettings,
  local: LcpLocal,
  asked: readonly PppOption[],
): Judgement<LcpLocal, LcpPeer> {
  let next = local;
  let peer: LcpPeer = { mru: MRU_DEFAULT };
  const verdicts: Verdict[] = [];
  for (const { type, data } of asked) {
    switch (type) {
      case LCP_OPTION.MAXIMUM_RECEIVE_UNIT: {
        const mru = uint16Of(data);
        if (mru === undefined) verdicts.push({ kind: "reject" });
        else if (mru >= MRU_MIN) {
          peer = { ...peer, mru };
          verdicts.push({ kind: "ack" });
        } else verdicts.push({ kind: "nak", data: uint16Data(settings.mru) });
        break;
      }
      case LCP_OPTION.AUTHENTICATION_PROTOCOL: {
        const judged = judgeMethod(settings, next, data);
        next = judged.local;
        if (judged.method !== undefined) peer = { ...peer, authentication: judged.method };
        verdicts.push(judged.verdict);
        break;
      }
      case LCP_OPTION.MAGIC_NUMBER: {
        const judged = judgeMagic(next, data);
        next = judged.local;
        verdicts.push(judged.verdict);
        break;
      }
      default:
        // RFC 2516 section 7: no character map and no compression of fields; the rest we do not know.
        verdicts.push({ kind: "reject" });
    }
  }
  return { local: next, verdicts, peer };
}

interface MethodJudged {
  readonly local: LcpLocal;
  readonly verdict: Verdict;
  readonly method?: AuthenticationMethod;
}

/** RFC 1661 section 6.2: one that we do not have is answered with one that we have, the best first. */
function judgeMethod(
  { methods }: LcpOptionSettings,
  local: LcpLocal,
  data: Uint8Array,
): MethodJudged {
  const method = methodOf(data);
  if (method !== undefined && methods.includes(method)) {
    return { local, verdict: { kind: "ack" }, method };
  }
  const proposed = methods[Math.min(local.methodsRefused, methods.length - 1)];
  return {
    local: { ...local, methodsRefused: local.methodsRefused + 1 },
    verdict:
      proposed === undefined
        ? { kind: "reject" }
        : { kind: "nak", data: authenticationData(proposed) },
  };
}

/** RFC 1661 section 6.4: our own number is a loop, until the next one is told apart. */
function judgeMagic(
  local: LcpLocal,
  data: Uint8Array,
): { readonly local: LcpLocal; readonly verdict: Verdict } {
  const magic = uint32Of(data);
  if (magic === undefined) return { local, verdict: { kind: "reject" } };
  const looped = magic === local.magic;
  if (magic !== 0 && !looped) return { local, verdict: { kind: "ack" } };
  const drawn = nextUint32(local.rng);
  return {
    local: { ...local, rng: drawn.rng, loops: local.loops + (looped ? 1 : 0) },
    verdict: { kind: "nak", data: uint32Data(drawn.value) },
  };
}

function withNewMagic(local: LcpLocal): LcpLocal {
  const drawn = nextUint32(local.rng);
  // RFC 1661 section 6.4: zero is no magic number.
  return { ...local, rng: drawn.rng, magic: drawn.value === 0 ? 1 : drawn.value };
}
