import type { Diagnosis } from "@passerelle/contract";
import type { NameText } from "@passerelle/dns";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import { LOOKUP_TYPES } from "../../core/diagnostics/question.ts";
import { rcodeName, recordLines } from "../../core/diagnostics/records.ts";
import { lookupStep, round } from "../../core/diagnostics/results.ts";
import {
  addressText,
  isOneMachine,
  qualify,
  readAddress,
  readTarget,
  reverseName,
} from "../../core/diagnostics/target.ts";
import { ask } from "./asker.ts";
import type { Ended, Report, Tools } from "./tools.ts";

/** Asks one resolver one question and shows what it says. */
export async function runLookup(
  tools: Tools,
  request: Diagnosis & { readonly kind: "dns_lookup" },
  report: Report,
): Promise<Ended> {
  const resolver = resolverOf(tools, request.resolver);
  if (!resolver.ok) return diagnosticsFault(resolver.error);
  const name = nameToAsk(tools, request);
  if (name === undefined) return diagnosticsFault("diagnosis_invalid");
  const { signal } = report;
  const answered = await ask(tools, resolver.value, name, LOOKUP_TYPES[request.type], { signal });
  const address = addressText(resolver.value);
  if (!answered.ok) {
    report.line({ address, text: answered.error === "silent" ? "no answer" : answered.error });
    return diagnosticsFault("resolver_silent");
  }
  const { message, rttMs, over } = answered.value;
  const rcode = rcodeName(message);
  const flags = [
    message.header.authoritative ? "authoritative" : [],
    message.header.authenticData ? "DNSSEC" : [],
    message.header.truncated ? "truncated" : [],
  ].flat();
  report.line({ address, timeMs: round(rttMs), text: [rcode, over, ...flags].join(", ") });
  const lines = recordLines(message);
  for (const line of lines) report.line(line);
  report.step(lookupStep(rcode, message.answers.length));
  return undefined;
}

function resolverOf(
  tools: Tools,
  text: string | undefined,
): Result<Ipv4 | Ipv6, "diagnosis_invalid" | "no_resolver_known"> {
  if (text === undefined) {
    const { forwarder } = tools.home;
    return forwarder === undefined ? err("no_resolver_known") : ok(forwarder);
  }
  const address = readAddress(text);
  return address !== undefined && isOneMachine(address) ? ok(address) : err("diagnosis_invalid");
}

/** PTR of an address is asked by its reverse name; any other question about an address makes no sense. */
function nameToAsk(
  tools: Tools,
  request: Diagnosis & { readonly kind: "dns_lookup" },
): NameText | undefined {
  const target = readTarget(request.target);
  if (target === undefined) return undefined;
  if (target.kind === "name") return qualify(target.name, tools.home.domain);
  return request.type === "PTR" ? reverseName(target.address) : undefined;
}
