import type { Diagnosis } from "@passerelle/contract";

/** The tools for those who know them, as their forms stand. */
export interface ToolForm {
  readonly tool: Tool;
  readonly target: string;
  readonly count: string;
  readonly type: RecordType;
  readonly resolver: string;
  readonly network: string;
  readonly mac: string;
  readonly seconds: string;
}

export const TOOLS = ["ping", "trace", "dns_lookup", "capture"] as const;
export type Tool = (typeof TOOLS)[number];
export type RecordType = Extract<Diagnosis, { kind: "dns_lookup" }>["type"];
export const RECORD_TYPES: readonly RecordType[] = [
  "A",
  "AAAA",
  "PTR",
  "MX",
  "TXT",
  "NS",
  "SOA",
  "CNAME",
  "SRV",
  "HTTPS",
];

export type ToolField = "target" | "count" | "resolver" | "seconds";

export const NEW_TOOL: ToolForm = {
  tool: "ping",
  target: "",
  count: "5",
  type: "A",
  resolver: "",
  network: "wan",
  mac: "",
  seconds: "20",
};

export function toolErrors(form: ToolForm): readonly ToolField[] {
  const wrong: ToolField[] = [];
  if (form.tool !== "capture" && !TARGET.test(form.target.trim())) wrong.push("target");
  if (form.tool === "ping" && !isCount(form.count, 100)) wrong.push("count");
  if (form.tool === "capture" && !isCount(form.seconds, 300)) wrong.push("seconds");
  const resolver = form.resolver.trim();
  if (form.tool === "dns_lookup" && resolver !== "" && !ADDRESS.test(resolver)) {
    wrong.push("resolver");
  }
  return wrong;
}

/** What POST /diagnostics takes; undefined while something is wrong with it. */
export function diagnosisOf(form: ToolForm): Diagnosis | undefined {
  if (toolErrors(form).length > 0) return undefined;
  const target = form.target.trim();
  switch (form.tool) {
    case "ping":
      return { kind: "ping", target, count: Number(form.count) };
    case "trace":
      return { kind: "trace", target };
    case "dns_lookup": {
      const resolver = form.resolver.trim();
      const asked = resolver === "" ? {} : { resolver };
      return { kind: "dns_lookup", target, type: form.type, ...asked };
    }
    case "capture": {
      const device = form.mac === "" ? {} : { mac: form.mac };
      return {
        kind: "capture",
        network: form.network,
        seconds: Number(form.seconds),
        ...device,
      };
    }
  }
}

const TARGET = /^(?!-)[a-zA-Z0-9_.:-]{1,253}$/;
const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/;

function isCount(typed: string, most: number): boolean {
  const number = /^\s*\d{1,3}\s*$/.test(typed) ? Number(typed) : 0;
  return number >= 1 && number <= most;
}
