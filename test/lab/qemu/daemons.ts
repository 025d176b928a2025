import type { ProcessState } from "../gateway/supervisor.ts";
import { mustInGuest } from "./agent.ts";

/** The gateway's daemons in the machine, as its systemd tells of them. */

const BROKER_UNIT = "passerelle-broker.service";
const PROPERTIES = "Id,MainPID,NRestarts,ActiveState,SubState,Result,ExecMainStartTimestamp";

export async function guestDaemons(lab: string): Promise<readonly ProcessState[]> {
  const text = await mustInGuest(lab, [
    ...["systemctl", "show", "--property", PROPERTIES, BROKER_UNIT, "passerelle@*.service"],
  ]);
  return parseUnits(text);
}

/** What `systemctl show` says of several units: blocks of `Key=value`, an empty line between them. */
export function parseUnits(text: string): readonly ProcessState[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((block) => new Map(block.split("\n").map(keyAndValue)))
    .map(stateOf)
    .filter((state) => state !== undefined);
}

function stateOf(unit: ReadonlyMap<string, string>): ProcessState | undefined {
  const id = unit.get("Id") ?? "";
  const name = id === BROKER_UNIT ? "broker" : /^passerelle@(.+)\.service$/.exec(id)?.[1];
  if (name === undefined) return undefined;
  const pid = Number(unit.get("MainPID"));
  const result = unit.get("Result") ?? "success";
  return {
    name,
    // The first start is no restart.
    starts: Number(unit.get("NRestarts")) + 1,
    startedAt: unit.get("ExecMainStartTimestamp") ?? "",
    ...(pid > 0 ? { pid } : {}),
    ...(result === "success" ? {} : { lastEnd: result }),
  };
}

function keyAndValue(line: string): readonly [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}
