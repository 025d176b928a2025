import { readFileSync } from "node:fs";
import { isJsonObject, mergePatch } from "@passerelle/json";
import { replaceFile } from "@passerelle/service/files";
import { createLogger } from "@passerelle/service/journal";
import { drawLabel, type Label, labelOfDisk } from "./label.ts";
import { parseWords, UsageError } from "./usage.ts";

/**
 * `passerelle provision`, as root at each boot before `config`: writes the factory's values of this very box, which are
 * those of the board, those that its firmware hands over, and the password of its label.
 */
export async function provision(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    disk: { type: "string", default: "/dev/passerelle/disk" },
    board: { type: "string", default: "/usr/share/passerelle/defaults.json" },
    defaults: { type: "string" },
    out: { type: "string", default: "/run/passerelle-boot/defaults.json" },
    print: { type: "boolean", default: false },
  });
  if (positionals.length > 0) throw new UsageError("provision wants no names");
  const log = createLogger({ service: "provision" });
  const board = read(values.board, log);
  const firmware = values.defaults === undefined ? {} : read(values.defaults, log);
  const given = mergePatch(board, firmware);
  const printed = labelIn(given) ?? keptLabel(values.disk, log).password;
  const made = mergePatch(given, { web: { labelPassword: printed } });
  replaceFile(values.out, `${JSON.stringify(made)}\n`, DEFAULTS_MODE);
  if (values.print) process.stdout.write(labelText(printed));
  return 0;
}

/** `config` reads it by its group; the password in it is nobody else's business. */
const DEFAULTS_MODE = 0o640;

type Log = ReturnType<typeof createLogger>;

/** An object of sections; a file that is missing or broken is as one that says nothing. */
function read(path: string, log: Log): object {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isJsonObject(value)) return value;
    log.error("defaults_unusable", { path, reason: "not an object" });
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    // The complaint of the parser shows a piece of the file, and the file has secrets.
    const reason = error instanceof SyntaxError ? "not JSON" : String(error);
    if (!isMissing) log.error("defaults_unusable", { path, reason });
  }
  return {};
}

function labelIn(defaults: unknown): string | undefined {
  const web = isJsonObject(defaults) ? defaults.web : undefined;
  const password = isJsonObject(web) ? web.labelPassword : undefined;
  return typeof password === "string" ? password : undefined;
}

/** A box whose disk refuses serves all the same, with a password that lasts as long as its data. */
function keptLabel(disk: string, log: Log): Label {
  try {
    return labelOfDisk(disk);
  } catch (error) {
    log.error("label_not_kept", { reason: String(error) });
    return drawLabel();
  }
}

function labelText(password: string): string {
  return [
    "",
    "  Passerelle",
    "  http://box.home.arpa",
    `  Mot de passe / password : ${password}`,
    "",
    "",
  ].join("\r\n");
}
