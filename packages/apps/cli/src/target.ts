import { join } from "node:path";
import { UsageError } from "./failure.ts";
import { nameOf, type Target } from "./http-door.ts";
import { mustReadText, readText, sessionPath } from "./kept.ts";
import type { World } from "./world.ts";

type Options = Readonly<Record<string, string | boolean | undefined>>;

/** The box that is meant: `--url`, else PASSERELLE_URL, else the socket of this machine. */
export async function targetOf(options: Options, world: World): Promise<Target> {
  const { env } = world;
  const word = text(options.url) ?? text(env.PASSERELLE_URL);
  if (word === undefined) {
    const runtime = text(env.PASSERELLE_RUNTIME_DIR) ?? "/run/passerelle";
    return { kind: "socket", path: join(runtime, "web", "api.sock") };
  }
  const url = URL.parse(word);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/")
    throw new UsageError({
      fr: `« ${word} » n'est pas une adresse comme http://192.168.1.1`,
      en: `"${word}" is no address such as http://192.168.1.1`,
    });
  const authorityFile = text(options["ca-file"]);
  const bare: Target = {
    kind: "network",
    url,
    token: undefined,
    authority: authorityFile === undefined ? undefined : await mustReadText(world, authorityFile),
  };
  return { ...bare, token: await tokenOf(options, world, nameOf(bare)) };
}

/** Never an argument: those of a process are for all eyes. */
async function tokenOf(options: Options, world: World, door: string): Promise<string | undefined> {
  const file = text(options["token-file"]);
  // "login" writes the file that doesn't exist yet.
  if (file !== undefined) return (await readText(world, file))?.trim();
  return (
    text(world.env.PASSERELLE_TOKEN) ?? (await readText(world, sessionPath(world, door)))?.trim()
  );
}

/** An empty variable means the same as none. */
function text(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
