import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Port } from "./board.ts";

/** The files by which systemd names a board's ports, as soon as the kernel finds them (systemd.link). */
export function linkFiles(ports: readonly Port[]): ReadonlyMap<string, string> {
  return new Map(
    ports.map(({ name, match }, index) => {
      const key = "path" in match ? `Path=${match.path}` : `Driver=${match.driver}`;
      const order = String(10 + index).padStart(2, "0");
      // MACAddressPolicy: the one of the hardware, and none that is made up.
      const text = `[Match]\n${key}\n\n[Link]\nName=${name}\nMACAddressPolicy=none\n`;
      return [`${order}-${name}.link`, text] as const;
    }),
  );
}

export function installLinks(tree: string, ports: readonly Port[]): void {
  const folder = join(tree, "etc/systemd/network");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of linkFiles(ports)) writeFileSync(join(folder, name), text);
}
