import { expect, it } from "vitest";
import { createLinuxProcesses, lineSplitter } from "../src/linux.ts";
import { type Exit, textOf } from "../src/port.ts";

const processes = createLinuxProcesses();

it("kills what takes too long", async () => {
  const slow = await processes.run({ argv: ["sleep", "60"], limitMs: 50 });
  expect(slow.ok || slow.error.code).toBe("time_limit");
});

it("gives a program no more environment than it needs", async () => {
  const env = await processes.run({ argv: ["env"] });
  const names = env.ok
    ? textOf(env.value.stdout)
        .split("\n")
        .map((line) => line.split("=")[0])
    : [];
  expect(names.sort()).toEqual(["", "LC_ALL", "PATH"]);
  const own = await processes.run({ argv: ["/usr/bin/env"], env: { A: "b" }, cwd: "/" });
  expect(own.ok && textOf(own.value.stdout)).toBe("A=b\n");
});

it("survives a program that does not read its input", async () => {
  const result = await processes.run({ argv: ["true"], stdin: new Uint8Array(1 << 20) });
  expect(result.ok && result.value.code).toBe(0);
});

it("hands over lines of both outputs", async () => {
  const lines: string[] = [];
  const exit = await new Promise<Exit>((onExit) => {
    processes.start({
      argv: ["ls", "/", "/no-such-folder"],
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
      onExit: (end) => setTimeout(() => onExit(end), 20),
    });
  });
  expect(exit.code).toBe(2);
  expect(lines).toContain("stdout etc");
  expect(lines.some((line) => line.startsWith("stderr ") && line.includes("no-such-folder"))).toBe(
    true,
  );
});

it("cuts lines as they come, and endless ones by length", () => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const text of ["a\nb", "c\n", "\n", "x".repeat(5000), "\nend"]) splitter.push(text);
  splitter.end();
  const shown = lines.map((line) => (line.length > 100 ? line.length : line));
  expect(shown).toEqual(["a", "bc", "", 4096, 904, "end"]);
});
