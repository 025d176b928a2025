import type { PortMapping } from "@passerelle/api";
import type { ConfigPlan } from "@passerelle/contract";
import type { Outcome } from "../core/apply-machine.ts";
import type { NewOpening } from "../core/openings.ts";
import { type Answer, api } from "./api.ts";
import { type Change, planOf } from "./change.ts";

/** What is said around a change of an opening. */
export interface OpeningTexts {
  readonly title: string;
  readonly text?: string;
  readonly go?: string;
  readonly done: string;
}

/** Lets the Internet speak to a device. Undone by closing it. */
export function openPort(opening: NewOpening, texts: OpeningTexts): Change {
  let made: string | undefined;
  return {
    ...texts,
    plan: () => planForwards((forwards) => [...forwards, { id: "new", enabled: true, ...opening }]),
    apply: async () => {
      const answer = await api.call("POST /nat/port-mappings", { body: opening });
      if (answer.ok) made = answer.data.id;
      return outcome(answer);
    },
    undo: async () => outcome(await close(made ?? "")),
  };
}

/** Closes an opening and ends what it let in. Undone by opening it anew. */
export function closePort(mapping: PortMapping, texts: OpeningTexts): Change {
  return {
    ...texts,
    plan: () => planForwards((forwards) => forwards.filter((one) => one.id !== mapping.id)),
    apply: async () => outcome(await close(mapping.id)),
    undo: async () => outcome(await api.call("POST /nat/port-mappings", { body: again(mapping) })),
  };
}

/** Switches an opening on or off and keeps it in the list. */
export function switchPort(mapping: PortMapping, enabled: boolean, texts: OpeningTexts): Change {
  const put = (value: boolean) =>
    api.call("PATCH /nat/port-mappings/{id}", {
      params: { id: mapping.id },
      body: { enabled: value },
    });
  return {
    ...texts,
    plan: () =>
      planForwards((forwards) =>
        forwards.map((one) => (one.id === mapping.id ? { ...one, enabled } : one)),
      ),
    apply: async () => outcome(await put(enabled)),
    undo: async () => outcome(await put(!enabled)),
  };
}

function close(id: string) {
  return api.call("DELETE /nat/port-mappings/{id}", { params: { id } });
}

type Forward = Readonly<Record<string, unknown>>;

/** What the firewall would let in, with this list instead of the one in force. */
async function planForwards(
  edit: (forwards: readonly Forward[]) => readonly Forward[],
): Promise<Answer<ConfigPlan>> {
  const config = await api.call("GET /config", { query: {} });
  if (!config.ok) return config;
  const { firewall } = config.data.sections;
  return planOf([{ section: "firewall", patch: { forwards: edit(forwardsIn(firewall)) } }]);
}

function forwardsIn(section: unknown): readonly Forward[] {
  if (typeof section !== "object" || section === null || !("forwards" in section)) return [];
  return Array.isArray(section.forwards) ? section.forwards : [];
}

function again(mapping: PortMapping): NewOpening {
  const { to, protocol, port, name, portLast, toPort, source } = mapping;
  return {
    ...{ to, protocol, port },
    ...(name === undefined ? {} : { name }),
    ...(portLast === undefined ? {} : { portLast }),
    ...(toPort === undefined ? {} : { toPort }),
    ...(source === undefined ? {} : { source }),
  };
}

function outcome(answer: Answer<unknown>): Answer<Outcome> {
  return answer.ok ? { ok: true, data: { probation: undefined, canUndo: true } } : answer;
}
