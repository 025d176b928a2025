import { ok, type Result } from "@passerelle/result";
import { expect, it } from "vitest";
import { OneAtATime } from "../src/one-at-a-time.ts";
import type { LineError } from "../src/port.ts";

const codeOf = (answer: Result<unknown, LineError>): unknown => answer.ok || answer.error.code;

it("asks in order, each when the one before is answered", async () => {
  const questions = new OneAtATime();
  const heard: string[] = [];
  const first = Promise.withResolvers<Result<string, LineError>>();
  const asked = [
    questions.ask(() => {
      heard.push("first");
      return first.promise;
    }),
    questions.ask(async () => {
      heard.push("second");
      return ok("b");
    }),
  ];
  await Promise.resolve();
  expect(heard).toEqual(["first"]);
  first.resolve(ok("a"));
  expect(await Promise.all(asked)).toEqual([ok("a"), ok("b")]);
  expect(heard).toEqual(["first", "second"]);
});

it("goes on behind a question that throws", async () => {
  const questions = new OneAtATime();
  const broken = questions.ask(async () => {
    throw new Error("a bug");
  });
  await expect(broken).rejects.toThrow("a bug");
  expect(await questions.ask(async () => ok(1))).toEqual(ok(1));
});

it("lets few questions wait, and takes more when some are answered", async () => {
  const questions = new OneAtATime();
  const many = Array.from({ length: 20 }, () => questions.ask(async () => ok(1)));
  const codes = (await Promise.all(many)).map(codeOf);
  expect(codes).toEqual([...Array(16).fill(true), ...Array(4).fill("unreachable")]);
  expect(codeOf(await questions.ask(async () => ok(1)))).toBe(true);
});

it("tells the question under way that nobody waits for it, and asks no other", async () => {
  const questions = new OneAtATime();
  const begun = Promise.withResolvers<AbortSignal>();
  let others = 0;
  const asked = [
    questions.ask((signal) => {
      begun.resolve(signal);
      return new Promise<Result<number, LineError>>(() => {});
    }),
    questions.ask(async () => {
      others += 1;
      return ok(1);
    }),
  ];
  const signal = await begun.promise;
  expect(signal.aborted).toBe(false);
  questions.close();
  expect(signal.aborted).toBe(true);
  expect((await Promise.all(asked)).map(codeOf)).toEqual(["closed", "closed"]);
  expect(codeOf(await questions.ask(async () => ok(1)))).toBe("closed");
  expect(others).toBe(0);
});
