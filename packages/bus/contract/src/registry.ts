import { aliveState, appliedState } from "./common.ts";
import * as config from "./config.ts";
import { type AnyTopic, DAEMONS } from "./define.ts";
import * as firewall from "./firewall.ts";
import * as lan from "./lan.ts";
import * as system from "./system.ts";
import * as upgrade from "./system-upgrade.ts";
import * as wan from "./wan.ts";
import * as dsl from "./wan-dsl.ts";
import * as web from "./web.ts";

function isTopic(value: unknown): value is AnyTopic {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    "owner" in value &&
    "name" in value
  );
}

/** Every topic of the contract, by name. Access lists and documentation are made from this. */
export const allTopics: readonly AnyTopic[] = [
  ...DAEMONS.flatMap((daemon) => [aliveState[daemon], appliedState[daemon]]),
  ...Object.values(config.configRead),
  ...[config, system, upgrade, wan, dsl, lan, firewall, web].flatMap((module) =>
    Object.values(module).filter(isTopic),
  ),
].sort((a, b) => (a.name < b.name ? -1 : 1)) as readonly AnyTopic[];
