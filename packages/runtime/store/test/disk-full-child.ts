// Run by disk-full.lab.test.ts in a mount namespace of its own: fills a small tmpfs around a store.
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGroupCommit, openStore } from "../src/index.ts";

const [directory = ""] = process.argv.slice(2);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory]);
if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
const options = {
  path: join(directory, "test.db"),
  migrations: ["CREATE TABLE item (name TEXT PRIMARY KEY, body BLOB) STRICT"],
};
const told: Record<string, unknown> = {};
const names = (): string[] =>
  store.all<{ name: string }>("SELECT name FROM item ORDER BY name").map((row) => row.name);

let store = openStore(options);
store.run("INSERT INTO item VALUES ('before', NULL)");

fill("ballast");
told.full = statfsSync(directory).bavail === 0;

const group = createGroupCommit({ store, later: () => ({ cancel: () => undefined }) });
const results: string[] = [];
for (const name of ["one", "two"]) {
  group.enqueue(
    () => void store.run("INSERT INTO item VALUES (?, ?)", name, new Uint8Array(20_000)),
    (result) => results.push(result.ok ? "ok" : result.error.code),
  );
}
group.flush();
told.group = results;
told.readable = names();
told.whole = store.get("PRAGMA integrity_check");

// A daemon that restarts while the disk is full still reads its store.
store.close();
fill("more-ballast");
store = openStore(options);
told.reopened = [store.opening.kind, names()];
const refused = store.attempt(() =>
  store.run("INSERT INTO item VALUES ('three', ?)", new Uint8Array(20_000)),
);
told.afterReopen = refused.ok ? "ok" : refused.error.code;

rmSync(join(directory, "ballast"));
store.run("INSERT INTO item VALUES ('after', ?)", new Uint8Array(20_000));
told.afterFreeing = names();
told.wholeAtTheEnd = store.get("PRAGMA integrity_check");
store.close();
process.stdout.write(JSON.stringify(told));

function fill(name: string): void {
  const free = statfsSync(directory);
  writeFileSync(join(directory, name), new Uint8Array(free.bavail * free.bsize));
}
