import type { Operation, PortMapping } from "@passerelle/api";
import type { Reply } from "@passerelle/bus-client";
import { isDeviceAddress } from "../../core/home/addresses.ts";
import { forwardsChange } from "../../core/home/changes.ts";
import { type MappingFacts, portMappingsOf } from "../../core/home/port-mappings.ts";
import type { Forward } from "../../core/home/sections.ts";
import type { Decided } from "./configuration.ts";
import { apiFault, badRequest } from "./faults.ts";
import { type Handling, tell } from "./handling.ts";
import { authorOf, type Call, type Caller, type Handlers, type Outcome } from "./port.ts";

/** Openings from the Internet: the list `forwards` of the section of `firewall`. */
export function natHandlers(
  handling: Handling,
): Handlers<Extract<Operation, `${string} /nat/${string}`>> {
  return {
    "GET /nat/port-mappings": async () => {
      const decided = await handling.configuration.current();
      if (!decided.ok) return decided;
      const facts = mappingFacts(handling, decided.data);
      return { ok: true, data: { portMappings: portMappingsOf(facts) } };
    },
    "POST /nat/port-mappings": (call) => open(handling, call),
    "PATCH /nat/port-mappings/{id}": async ({ input, caller, ifMatch }) => {
      const { enabled, name } = input.body;
      const request = { caller, ifMatch, id: input.params.id, note: "change a port mapping" };
      const edited = await edit(handling, request, (old) => {
        const renamed = name === undefined ? old : named(old, name);
        return enabled === undefined ? renamed : { ...renamed, enabled };
      });
      if (!edited.ok) return edited;
      const { decided, old, now } = edited.data;
      if (now === undefined) return UNKNOWN;
      if (now.enabled !== old.enabled) {
        tell(handling, now.enabled ? "port_opened" : "port_closed", caller, subjectOf(now));
      }
      return one(mappingFacts(handling, decided, [now]));
    },
    "DELETE /nat/port-mappings/{id}": async ({ input, caller, ifMatch }) => {
      const request = { caller, ifMatch, id: input.params.id, note: "close a port" };
      const edited = await edit(handling, request, () => undefined);
      if (!edited.ok) return edited;
      tell(handling, "port_closed", caller, subjectOf(edited.data.old));
      return { ok: true, data: undefined };
    },
  };
}

/** What openings are shown with, from what was read last. */
export function mappingFacts(
  { mirror }: Handling,
  { sections, origins }: Decided,
  forwards: readonly Forward[] = sections.firewall.forwards,
): MappingFacts {
  return {
    forwards,
    devices: mirror.get("lanDevices")?.devices ?? [],
    active: new Set(mirror.get("firewallState")?.openings.map(({ id }) => id)),
    origins,
  };
}

async function open(
  handling: Handling,
  { input, caller, ifMatch }: Call<"POST /nat/port-mappings">,
): Promise<Outcome<PortMapping>> {
  const { name, ...wanted } = input.body;
  const id = `pm-${handling.entropy.uint32().toString(16).padStart(8, "0")}`;
  const fresh = named({ ...wanted, id, enabled: true }, name ?? "");
  const changed = await handling.configuration.change({
    author: authorOf(caller),
    note: "open a port",
    ifMatch,
    compute: ({ sections }) =>
      isDeviceAddress(sections.lan.networks, fresh.to)
        ? { ok: true, data: [forwardsChange([...sections.firewall.forwards, fresh])] }
        : NO_DEVICE,
  });
  if (!changed.ok) return changed;
  tell(handling, "port_opened", caller, subjectOf(fresh));
  const facts = mappingFacts(handling, changed.data.before, [fresh]);
  const origin = { owner: authorOf(caller).name, createdAt: handling.clock.wall() };
  return one({ ...facts, origins: new Map([[id, origin]]) });
}

interface Edited {
  readonly decided: Decided;
  readonly old: Forward;
  readonly now: Forward | undefined;
}

interface EditRequest {
  readonly id: string;
  readonly caller: Caller;
  readonly ifMatch: number | undefined;
  readonly note: string;
}

/** Replaces one opening by what `change` makes of it; undefined takes it away. */
async function edit(
  { configuration }: Handling,
  { id, caller, ifMatch, note }: EditRequest,
  change: (old: Forward) => Forward | undefined,
): Promise<Reply<Edited>> {
  let seen: { readonly old: Forward; readonly now: Forward | undefined } | undefined;
  const changed = await configuration.change({
    author: authorOf(caller),
    note,
    ifMatch,
    compute: ({ sections }) => {
      const { forwards } = sections.firewall;
      const old = forwards.find((forward) => forward.id === id);
      if (old === undefined) return UNKNOWN;
      const now = change(old);
      seen = { old, now };
      if (now === old) return { ok: true, data: [] };
      return {
        ok: true,
        data: [
          forwardsChange(
            forwards.flatMap((forward) => (forward !== old ? [forward] : (now ?? []))),
          ),
        ],
      };
    },
  });
  if (!changed.ok) return changed;
  if (seen === undefined) return UNKNOWN;
  return { ok: true, data: { decided: changed.data.before, ...seen } };
}

function named(forward: Forward, name: string): Forward {
  if (forward.name === name) return forward;
  const { name: _, ...rest } = forward;
  return name === "" ? rest : { ...rest, name };
}

function one(facts: MappingFacts): Outcome<PortMapping> {
  const [mapping] = portMappingsOf(facts);
  return mapping === undefined ? UNKNOWN : { ok: true, data: mapping };
}

/** "tcp 8080 → 192.168.1.20": what the event log says of it. */
function subjectOf({ protocol, port, portLast, to, toPort }: Forward): string {
  const ports = portLast === undefined ? `${port}` : `${port}-${portLast}`;
  return `${protocol} ${ports} → ${to}${toPort === undefined ? "" : `:${toPort}`}`;
}

const UNKNOWN = { ok: false, fault: apiFault("unknown_port_mapping") } as const;
const NO_DEVICE = {
  ok: false,
  fault: {
    ...badRequest,
    next: {
      fr: "Donnez l'adresse d'un appareil de la maison.",
      en: "Give the address of a device of the home.",
    },
  },
} as const;
