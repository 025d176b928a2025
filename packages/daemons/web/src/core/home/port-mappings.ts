import type { PortMapping } from "@passerelle/api";
import type { LanDevice, RevisionInfo } from "@passerelle/contract";
import type { Forward } from "./sections.ts";

export interface MappingFacts {
  readonly forwards: readonly Forward[];
  readonly devices: readonly LanDevice[];
  /** Ids that the kernel lets in now. */
  readonly active: ReadonlySet<string>;
  readonly origins: ReadonlyMap<string, MappingOrigin>;
}

/** Who opened a port, and when. */
export interface MappingOrigin {
  readonly owner: string;
  readonly createdAt: number;
}

export function portMappingsOf(facts: MappingFacts): PortMapping[] {
  const hosts = new Map(
    facts.devices.flatMap(({ id, addresses }) => addresses.map((address) => [address, id])),
  );
  return facts.forwards.map((forward) => {
    const host = hosts.get(forward.to);
    const origin = facts.origins.get(forward.id);
    return {
      ...shown(forward),
      ...(host === undefined ? {} : { host }),
      ...origin,
      active: facts.active.has(forward.id),
    };
  });
}

/**
 * The revision that first speaks of an opening made it; revisions that were undone do not count. A backup that was
 * imported, or a list that moved up, names an opening as well: later than the first.
 * @param revisions newest first, as `config` tells them
 */
export function originsOf(revisions: readonly RevisionInfo[]): ReadonlyMap<string, MappingOrigin> {
  const origins = new Map<string, MappingOrigin>();
  for (const { phase, author, at, differences } of revisions) {
    if (phase === "rolled_back") continue;
    for (const { section, path, after } of differences) {
      if (section !== "firewall") continue;
      for (const id of idsIn(path, after)) origins.set(id, { owner: author.name, createdAt: at });
    }
  }
  return origins;
}

/** `/forwards/3` is an opening, `/forwards/3/id` its id, `/forwards` the list, the whole section has a list. */
function idsIn(path: string, after: unknown): readonly string[] {
  if (/^\/forwards\/[0-9]+\/id$/.test(path)) return typeof after === "string" ? [after] : [];
  if (/^\/forwards\/[0-9]+$/.test(path)) return idOf(after);
  if (path === "/forwards") return Array.isArray(after) ? after.flatMap(idOf) : [];
  if (path !== "" || typeof after !== "object" || after === null) return [];
  return "forwards" in after ? idsIn("/forwards", after.forwards) : [];
}

function idOf(forward: unknown): readonly string[] {
  const isNamed = typeof forward === "object" && forward !== null && "id" in forward;
  return isNamed && typeof forward.id === "string" ? [forward.id] : [];
}

/** Of a forward that may hold more than we know, what we know. */
function shown(forward: Forward) {
  const { id, name, enabled, protocol, port, portLast, to, toPort, source } = forward;
  return {
    id,
    ...(name === undefined ? {} : { name }),
    enabled,
    protocol,
    port,
    ...(portLast === undefined ? {} : { portLast }),
    to,
    ...(toPort === undefined ? {} : { toPort }),
    ...(source === undefined ? {} : { source }),
  };
}
