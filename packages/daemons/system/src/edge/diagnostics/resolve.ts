import { RecordType } from "@passerelle/dns";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { milliseconds } from "@passerelle/time";
import { isOneMachine, qualify, readTarget, reverseName } from "../../core/diagnostics/target.ts";
import { ask } from "./asker.ts";
import type { Tools } from "./tools.ts";

/** Why a target cannot be probed; codes of diagnosticsFault. */
export type ResolveError = "diagnosis_invalid" | "name_not_resolved";

/**
 * The address behind a target: itself, or what our forwarder says, or the operator's resolvers where that
 * one is silent. IPv4 first, because the line of today has no IPv6 of its own.
 */
export async function resolveTarget(
  tools: Tools,
  text: string,
  signal: AbortSignal,
): Promise<Result<Ipv4 | Ipv6, ResolveError>> {
  const target = readTarget(text);
  if (target === undefined) return err("diagnosis_invalid");
  if (target.kind === "address") {
    return isOneMachine(target.address) ? ok(target.address) : err("diagnosis_invalid");
  }
  const name = qualify(target.name, tools.home.domain);
  for (const resolver of resolversOf(tools)) {
    for (const type of [RecordType.A, RecordType.AAAA]) {
      const answered = await ask(tools, resolver, name, type, { signal });
      // Silent for one type is silent for the other.
      if (!answered.ok) break;
      for (const { data } of answered.value.message.answers) {
        const address = data.kind === "a" || data.kind === "aaaa" ? data.address : undefined;
        if (address !== undefined && isOneMachine(address)) return ok(address);
      }
    }
  }
  return err("name_not_resolved");
}

/** The name of an address where somebody knows it quickly: a nicety, never waited for. */
export async function nameOf(
  tools: Tools,
  address: Ipv4 | Ipv6,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [resolver] = resolversOf(tools);
  if (resolver === undefined) return undefined;
  const answered = await ask(tools, resolver, reverseName(address), RecordType.PTR, {
    signal,
    attempts: 1,
    patience: REVERSE_PATIENCE,
  });
  if (!answered.ok) return undefined;
  const [record] = answered.value.message.answers.filter((one) => one.type === RecordType.PTR);
  return record?.data.kind === "name" ? record.data.target.slice(0, 255) : undefined;
}

function resolversOf(tools: Tools): readonly (Ipv4 | Ipv6)[] {
  const { forwarder, upstream } = tools.home;
  const own = forwarder === undefined ? [] : [forwarder];
  return [...own, ...upstream].slice(0, 3);
}

const REVERSE_PATIENCE = milliseconds(700);
