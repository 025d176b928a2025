import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Lab } from "../lab/lab.ts";

/** How much of each kind `wan` has. */
type Possessions = Readonly<Record<string, number>>;

/** The command line of the daemon. */
export const WAN = "main.* run wan";

/**
 * What it has when nothing is under way any more: a probe, a question or IPv6 may still be on its way when the line is
 * online. Ends early where it is what is wanted; after half a minute with what there is.
 */
export async function settled(lab: Lab, wanted?: Possessions): Promise<Possessions> {
  let last = await possessions(lab);
  for (let look = 0, same = 0; look < 30; look += 1) {
    if (wanted === undefined ? same >= 5 : isDeepStrictEqual(last, wanted)) break;
    await setTimeout(1000);
    const now = await possessions(lab);
    same = isDeepStrictEqual(now, last) ? same + 1 : 0;
    last = now;
  }
  return last;
}

/** What could be left behind: open files, addresses, routes, rules of routing. */
async function possessions(lab: Lab): Promise<Possessions> {
  const count = async (...words: readonly string[]): Promise<number> =>
    (await lab.must("gw", words)).trim().split("\n").length;
  const pid = (await lab.must("gw", ["pgrep", "-f", WAN])).trim();
  return {
    files: await count("ls", `/proc/${pid}/fd`),
    addresses: await count("ip", "-o", "address"),
    routes: await count("ip", "-4", "route", "show", "table", "all"),
    rules: await count("ip", "rule"),
    links: await count("ip", "-o", "link"),
  };
}
