// Run by kill.test.ts: writes as fast as it can and says what was acknowledged, until it is killed.
import { writeSync } from "node:fs";
import { createGroupCommit, openStore } from "../src/index.ts";

const [path = ""] = process.argv.slice(2);
const store = openStore({ path, migrations: ["CREATE TABLE item (n INTEGER PRIMARY KEY) STRICT"] });
const group = createGroupCommit({
  store,
  writesMax: 8,
  later: (wait, callback) => {
    const timer = setTimeout(callback, wait);
    return { cancel: () => clearTimeout(timer) };
  },
});
let n = store.get<{ n: number | null }>("SELECT max(n) AS n FROM item")?.n ?? 0;

function more(): void {
  for (let i = 0; i < 20; i += 1) {
    n += 1;
    const mine = n;
    group.enqueue(
      () => void store.run("INSERT INTO item VALUES (?)", mine),
      (result) => writeSync(1, result.ok ? `${mine}\n` : `failed ${result.error.message}\n`),
    );
  }
  setTimeout(more, 1);
}
more();
