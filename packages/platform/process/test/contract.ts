import { describe, expect, it } from "vitest";
import { type Exit, type Processes, textOf } from "../src/port.ts";
import { Supervisor } from "../src/supervisor.ts";

/** Needs the programs cat, false and sleep, in whichever world. */
export function contract(processes: Processes): void {
  describe("a run", () => {
    it("gives back what the program printed, and its exit code", async () => {
      const cat = await processes.run({ argv: ["cat"], stdin: "héllo\n$(id); `id`" });
      expect(
        cat.ok && [cat.value.code, textOf(cat.value.stdout), textOf(cat.value.stderr)],
      ).toEqual([0, "héllo\n$(id); `id`", ""]);
      const no = await processes.run({ argv: ["false"] });
      expect(no.ok && [no.value.code, no.value.signal]).toEqual([1, undefined]);
    });

    it("says when there is no such program, and when it prints too much", async () => {
      const missing = await processes.run({ argv: ["no-such-program"] });
      expect(missing.ok || missing.error.code).toBe("ENOENT");
      const stdin = "x".repeat(100_000);
      const much = await processes.run({ argv: ["cat"], stdin, outputBytesMax: 50_000 });
      expect(much.ok || much.error.code).toBe("output_limit");
    });
  });

  describe("a child", () => {
    it("ends by a signal, once, and no signal reaches it later", async () => {
      const exit = await new Promise<Exit>((onExit) => {
        const child = processes.start({ argv: ["sleep", "60"], onExit });
        if (!child.ok) throw new Error(child.error.text);
        expect(child.value.pid).toBeGreaterThan(0);
        child.value.signal("SIGTERM");
      });
      expect(exit).toEqual({ code: undefined, signal: "SIGTERM" });
    });

    it("that cannot start ends with 127", async () => {
      const exit = await new Promise<Exit>((onExit) => {
        processes.start({ argv: ["no-such-program"], onExit });
      });
      expect(exit).toEqual({ code: 127, signal: undefined, error: "ENOENT" });
    });

    it("is stopped by its supervisor", async () => {
      const supervisor = new Supervisor(processes, { argv: ["sleep", "60"] });
      supervisor.start();
      expect(supervisor.state.kind).toBe("running");
      await supervisor.stop();
      expect(supervisor.state.kind).toBe("stopped");
      await supervisor.stop();
    });
  });
}
