import { type ParseArgsConfig, parseArgs } from "node:util";

/** sysexits.h: EX_USAGE, the command was used wrongly. */
export const EXIT_USAGE = 64;

/** sysexits.h: EX_UNAVAILABLE, as the commands of people say that the box does not answer. */
export const EXIT_UNREACHABLE = 69;

/** Wrong words on the command line: said in one line, exit 64. */
export class UsageError extends Error {}

/** parseArgs whose complaints are usage errors. */
export function parseWords<T extends NonNullable<ParseArgsConfig["options"]>>(
  words: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
