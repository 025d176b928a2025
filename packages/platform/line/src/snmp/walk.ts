import { ok, type Result } from "@passerelle/result";
import type { Session } from "net-snmp";
import { closed, lineFailure } from "../line-error.ts";
import type { LineError } from "../port.ts";
import { GuardedSockets } from "./guarded-sockets.ts";
import { isEndOfMib, type SnmpRow } from "./values.ts";

export interface SnmpAgent {
  readonly address: string;
  readonly port: number;
  readonly community: string;
}

/**
 * The rows below some object identifiers, by GETBULK of version 2c. An agent that does not know the community says
 * nothing, so that it is as if there were none: `unreachable`. `not_understood`: its rows go backwards, or never end.
 *
 * @param patienceMs for one request and its repetition; the whole may take WALK_PATIENCE as long
 */
export async function walk(
  agent: SnmpAgent,
  subtrees: readonly string[],
  patienceMs: number,
  signal: AbortSignal,
): Promise<Result<readonly SnmpRow[], LineError>> {
  // Loaded by those who have such a modem: it is a large program.
  const { default: snmp } = await import("net-snmp");
  const sockets = new GuardedSockets(agent);
  const session = snmp.createSession(agent.address, agent.community, {
    port: agent.port,
    version: snmp.Version2c,
    transport: agent.address.includes(":") ? "udp6" : "udp4",
    timeout: patienceMs / 2,
    retries: 1,
    dgramModule: sockets,
  });
  const ended = new Promise<Result<never, LineError>>((resolve) => {
    const fail = (error: Error): void => resolve(lineFailure("not_understood", error.message));
    sockets.onFailure = fail;
    session.on("error", fail);
    signal.addEventListener("abort", () => resolve(closed()), { once: true });
    if (signal.aborted) resolve(closed());
  });
  const deadline = performance.now() + patienceMs * WALK_PATIENCE;
  try {
    const rows: SnmpRow[] = [];
    for (const subtree of subtrees) {
      for (let from: string | undefined = before(subtree); from !== undefined; ) {
        const got = await Promise.race([bulk(session, from), ended]);
        if (!got.ok) return got;
        const part: Result<Part, LineError> = partOf(got.value, subtree, from);
        if (!part.ok) return part;
        rows.push(...part.value.rows);
        from = part.value.next;
        if (rows.length > ROWS_MAX) return lineFailure("not_understood", "its rows do not end");
        if (performance.now() > deadline) return lineFailure("unreachable", "it is too slow");
      }
    }
    return ok(rows);
  } finally {
    session.close();
  }
}

interface Part {
  readonly rows: readonly SnmpRow[];
  /** Where to go on from; absent where the subtree is at its end. */
  readonly next?: string;
}

/** An instance, which has no rows below it, is the next row of its own object. */
function before(subtree: string): string {
  return subtree.endsWith(".0") ? subtree.slice(0, -2) : subtree;
}

function partOf(got: readonly SnmpRow[], subtree: string, from: string): Result<Part, LineError> {
  const rows: SnmpRow[] = [];
  let last = from;
  for (const row of got) {
    if (isEndOfMib(row) || !isBelow(row.oid, subtree)) return ok({ rows });
    if (compareOids(row.oid, last) <= 0) return lineFailure("not_understood", "its rows go back");
    rows.push(row);
    last = row.oid;
  }
  return ok(rows.length === 0 ? { rows } : { rows, next: last });
}

function bulk(session: Session, from: string): Promise<Result<readonly SnmpRow[], LineError>> {
  return new Promise((resolve) => {
    session.getBulk([from], 0, REPETITIONS, (error, lists) => {
      if (error === null) resolve(ok(lists[0] ?? []));
      else resolve(lineFailure(CODES.get(error.name) ?? "unreachable", error.message));
    });
  });
}

/** The errors of net-snmp that say something about who answered. Others are of the network, or time. */
const CODES: ReadonlyMap<string, "not_understood"> = new Map([
  ["ResponseInvalidError", "not_understood"],
  ["RequestFailedError", "not_understood"],
]);

function isBelow(oid: string, subtree: string): boolean {
  return oid === subtree || oid.startsWith(`${subtree}.`);
}

/** Less than 0 where `a` comes first in a walk. */
function compareOids(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (const [index, arc] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (arc !== other) return Number(arc) - Number(other);
  }
  return left.length - right.length;
}

const ROWS_MAX = 20_000;
const REPETITIONS = 20;
const WALK_PATIENCE = 3;
