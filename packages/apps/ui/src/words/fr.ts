import { applyFr } from "./fr/apply.ts";
import { devicesFr } from "./fr/devices.ts";
import { diagnosticsFr } from "./fr/diagnostics.ts";
import { doorFr } from "./fr/door.ts";
import { dslFr } from "./fr/dsl.ts";
import { expertFr } from "./fr/expert.ts";
import { homeFr } from "./fr/home.ts";
import { internetFr } from "./fr/internet.ts";
import { securityFr } from "./fr/security.ts";
import { shellFr } from "./fr/shell.ts";
import { systemFr } from "./fr/system.ts";
import { updateFr } from "./fr/update.ts";
import type { Words } from "./words.ts";

export const fr: Words = {
  ...shellFr,
  ...applyFr,
  ...doorFr,
  ...homeFr,
  ...devicesFr,
  ...internetFr,
  ...dslFr,
  ...securityFr,
  ...diagnosticsFr,
  ...systemFr,
  ...updateFr,
  ...expertFr,
};
