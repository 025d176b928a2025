import type { Command } from "./command.ts";
import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import { completionModel } from "./completion-model.ts";
import { zshScript } from "./completion-zsh.ts";
import type { Language } from "./language.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The script that a shell sources. `apiPaths` are those of the API's table. */
export function completionScript(
  shell: (typeof SHELLS)[number],
  commands: readonly Command[],
  apiPaths: readonly string[],
  language: Language,
): string {
  const model = completionModel(commands, apiPaths, language);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](model);
}
