import type { Command } from "./command.ts";
import { aboutCommands } from "./commands/about.ts";
import { apiCommands } from "./commands/api.ts";
import { appCommands } from "./commands/apps.ts";
import { configCommands } from "./commands/config.ts";
import { configApplyCommands } from "./commands/config-apply.ts";
import { deviceCommands } from "./commands/devices.ts";
import { diagnoseCommands } from "./commands/diagnose.ts";
import { eventCommands } from "./commands/events.ts";
import { logCommands } from "./commands/log.ts";
import { portCommands } from "./commands/ports.ts";
import { sessionCommands } from "./commands/sessions.ts";
import { statusCommands } from "./commands/status.ts";
import { systemCommands } from "./commands/system.ts";
import { upgradeCommands } from "./commands/upgrade.ts";

/** THE table: what is not in it does not exist, in no help, no completion and no page. */
export const commands: readonly Command[] = [
  ...statusCommands,
  ...deviceCommands,
  ...portCommands,
  ...configCommands,
  ...configApplyCommands,
  ...eventCommands,
  ...logCommands,
  ...diagnoseCommands,
  ...systemCommands,
  ...upgradeCommands,
  ...sessionCommands,
  ...appCommands,
  ...apiCommands,
  ...aboutCommands(() => commands),
];
