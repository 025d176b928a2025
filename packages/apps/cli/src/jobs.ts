import type { ReplyOf, Routes } from "@passerelle/api";
import { requestOf } from "@passerelle/api/client";
import type { Call } from "./command.ts";
import { got, ownFailure } from "./failure.ts";
import { refusalOf } from "./follow.ts";
import { numberText } from "./format.ts";
import { writeFile } from "./kept.ts";
import type { Cell, Colour, Screen } from "./screen.ts";

type Job = ReplyOf<Routes["GET /jobs/{id}"]>;

/** Shows a diagnosis as it goes, until it ended. Ctrl-C ends it in the box, too. */
export async function watchJob(call: Call, id: string, quiet = false): Promise<Job> {
  try {
    return await watch(call, id, !call.json && !quiet);
  } catch (error) {
    if (call.world.stopped.aborted) await cancel(call, id);
    throw error;
  }
}

async function watch({ api, world, screen }: Call, id: string, isShown: boolean): Promise<Job> {
  let steps = 0;
  let lines = 0;
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const job = await got(api.call("GET /jobs/{id}", { params: { id } }));
    if (isShown) {
      // A tool's one step is what its lines come to.
      for (const line of job.lines.slice(lines)) showLine(line, screen);
      for (const step of job.steps.slice(steps)) showStep(step, screen);
      steps = job.steps.length;
      lines = job.lines.length;
    }
    if (job.state !== "running") {
      if (isShown) showEnd(job, screen);
      return job;
    }
    await world.wait(LOOK_MS);
    world.stopped.throwIfAborted();
  }
  throw ownFailure("diagnosis_too_long", [id]);
}

/** The person is leaving: what the box says to it is not waited for long. */
async function cancel({ door }: Call, id: string): Promise<void> {
  const request = requestOf("DELETE /jobs/{id}", { params: { id } });
  await door.open(request, AbortSignal.timeout(CANCEL_MS)).catch(() => undefined);
}

const CANCEL_MS = 2000;
const LOOK_MS = 400;
/** Longer than the longest capture. */
const LOOKS_MAX = 1500;

const VERDICTS: Readonly<
  Record<Job["steps"][number]["verdict"], { readonly mark: string; readonly colour: Colour }>
> = {
  ok: { mark: "✓", colour: "good" },
  warning: { mark: "!", colour: "warning" },
  fault: { mark: "✗", colour: "fault" },
  skipped: { mark: "-", colour: "quiet" },
};

function showStep({ verdict, text, next, code }: Job["steps"][number], screen: Screen): void {
  const { mark, colour } = VERDICTS[verdict];
  screen.line({ text: `${mark} `, colour }, screen.say(text), {
    text: ` [${code}]`,
    colour: "quiet",
  });
  if (next !== undefined) screen.line(`  → ${screen.say(next)}`);
}

function showLine(line: Job["lines"][number], screen: Screen): void {
  const cells: Cell[] = [];
  if (line.number !== undefined)
    cells.push({ text: `${line.number}`.padStart(3), colour: "quiet" });
  if (line.address !== undefined) cells.push(line.address);
  if (line.name !== undefined) cells.push(`(${line.name})`);
  if (line.timeMs !== undefined) cells.push(`${numberText(line.timeMs, screen.language)} ms`);
  if (line.ttl !== undefined) cells.push({ text: `ttl ${line.ttl}`, colour: "quiet" });
  if (line.text !== undefined) cells.push(line.text);
  screen.line(...cells.flatMap((cell, n) => (n === 0 ? [cell] : ["  ", cell])));
}

function showEnd({ state, fault }: Job, screen: Screen): void {
  if (fault !== undefined) {
    screen.line(
      { text: `✗ ${screen.say(fault.text)}`, colour: "fault" },
      {
        text: ` [${fault.code}]`,
        colour: "quiet",
      },
    );
    if (fault.next !== undefined) screen.line(`  → ${screen.say(fault.next)}`);
  } else if (state === "cancelled")
    screen.line(screen.say({ fr: "Diagnostic arrêté.", en: "Diagnosis ended." }));
}

/** The file of a capture, piece by piece: it may be large. */
export async function fetchFile(call: Call, id: string, path: string): Promise<void> {
  const { door, world } = call;
  const opened = await door.open(
    requestOf("GET /jobs/{id}/file", { params: { id } }),
    world.stopped,
  );
  if (opened.status !== 200) throw await refusalOf(opened);
  if (path !== "-") {
    await writeFile(world, path, opened.body);
    return;
  }
  for await (const bytes of opened.body) world.outBytes(bytes);
}
