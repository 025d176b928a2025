import type { Diagnosis } from "@passerelle/contract";
import type { NameText } from "@passerelle/dns";
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
import { ask, type Resolver } from "./asker.ts";
import type { Ended, Report, Tools } from "./tools.ts";

/** Asks one resolver one question and shows what it says. */
export async function runLookup(
  tools: Tools,
  request: Diagnosis & { readonly kind: "dns_lookup" },
  report: Report,
): Promise<Ended> {
  const resolver = resolverOf(tools, request.resolver);
  if (typeof resolver === "string") return diagnosticsFault(resolver);
  const name = nameToAsk(tools, request);
  if (name === undefined) return diagnosticsFault("diagnosis_invalid");
  const { signal } = report;
  const answered = await ask(tools, resolver, name, LOOKUP_TYPES[request.type], { signal });
  const address = addressText(resolver.address);
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
): Resolver | "diagnosis_invalid" | "no_resolver_known" {
  if (text === undefined) return tools.home.forwarder ?? "no_resolver_known";
  const address = readAddress(text);
  if (address === undefined || !isOneMachine(address)) return "diagnosis_invalid";
  const own = tools.home.lan?.networks.find((one) => one.address.split("/")[0] === text);
  return own === undefined ? { address } : { address, device: own.bridge };
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
