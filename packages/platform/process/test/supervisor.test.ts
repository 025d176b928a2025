import { expect, it } from "vitest";
import { createFakeProcesses } from "../src/fake.ts";
import { Supervisor, type SupervisorState, type Timers } from "../src/supervisor.ts";

/** A clock that a test turns. */
function clock(): Timers & { advance(ms: number): Promise<void> } {
  let now = 0;
  let waiting: { at: number; call: () => void }[] = [];
  return {
    now: () => now,
    after(ms, call) {
      const entry = { at: now + ms, call };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((one) => one !== entry);
      };
    },
    async advance(ms) {
      now += ms;
      const due = waiting.filter((one) => one.at <= now);
      waiting = waiting.filter((one) => one.at > now);
      for (const one of due) one.call();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function world(options: { graceMs?: number } = {}) {
  const processes = createFakeProcesses();
  processes.install("pppd");
  const time = clock();
  const states: SupervisorState[] = [];
  const onState = (state: SupervisorState): void => void states.push(state);
  const supervisor = new Supervisor(processes, { argv: ["pppd"], onState, ...options }, time);
  return { processes, time, states, supervisor };
}

it("restarts with doubled waits up to the limit, and quickly again after a long run", async () => {
  const { processes, time, states, supervisor } = world();
  supervisor.start();
  supervisor.start();
  for (let i = 0; i < 8; i += 1) {
    processes.children.at(-1)?.exit(16);
    await time.advance(0);
    await time.advance(30_000);
  }
  processes.children.at(-1)?.exit(16);
  await time.advance(0);
  const waits = states.flatMap((state) => (state.kind === "waiting" ? [state.ms] : []));
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  await time.advance(30_000);
  await time.advance(30_000);
  processes.children.at(-1)?.exit(0);
  await time.advance(0);
  expect(supervisor.state).toMatchObject({ kind: "waiting", ms: 500, exit: { code: 0 } });
  expect(processes.children.length).toBe(10);
});

it("asks first, kills after the grace, and does not restart what it stopped", async () => {
  const { processes, time, supervisor } = world({ graceMs: 1000 });
  supervisor.start();
  const [child] = processes.children;
  if (child === undefined) throw new Error("not started");
  child.stubborn = true;
  let gone = false;
  const stopping = supervisor.stop().then(() => {
    gone = true;
  });
  await time.advance(999);
  expect([child.signals, gone]).toEqual([["SIGTERM"], false]);
  await time.advance(1);
  await stopping;
  expect(child.signals).toEqual(["SIGTERM", "SIGKILL"]);
  await time.advance(100_000);
  expect([supervisor.state.kind, processes.children.length]).toEqual(["stopped", 1]);
});

it("stops while it waits, and can start again", async () => {
  const { processes, time, supervisor } = world();
  supervisor.start();
  processes.children[0]?.exit(1);
  await time.advance(0);
  await supervisor.stop();
  await time.advance(100_000);
  expect(processes.children.length).toBe(1);
  supervisor.start();
  expect(processes.children.length).toBe(2);
});

it("restarts at once when told while it waits", async () => {
  const { processes, time, supervisor } = world();
  supervisor.start();
  processes.children[0]?.exit(1);
  await time.advance(0);
  supervisor.restart();
  expect(supervisor.state.kind).toBe("running");
  await time.advance(100_000);
  expect(processes.children.length).toBe(2);
});
