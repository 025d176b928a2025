import { applyEn } from "./en/apply.ts";
import { devicesEn } from "./en/devices.ts";
import { diagnosticsEn } from "./en/diagnostics.ts";
import { doorEn } from "./en/door.ts";
import { dslEn } from "./en/dsl.ts";
import { expertEn } from "./en/expert.ts";
import { homeEn } from "./en/home.ts";
import { internetEn } from "./en/internet.ts";
import { securityEn } from "./en/security.ts";
import { shellEn } from "./en/shell.ts";
import { systemEn } from "./en/system.ts";
import { updateEn } from "./en/update.ts";

/** Every message of the page. A new page adds its own file in `en/` and `fr/`. */
export const en = {
  ...shellEn,
  ...applyEn,
  ...doorEn,
  ...homeEn,
  ...devicesEn,
  ...internetEn,
  ...dslEn,
  ...securityEn,
  ...diagnosticsEn,
  ...systemEn,
  ...updateEn,
  ...expertEn,
} as const;
