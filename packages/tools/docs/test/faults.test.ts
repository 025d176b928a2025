import { expect, test } from "vitest";
import { collectLines } from "../src/event-lines.ts";
import { collectFaults } from "../src/faults.ts";

const LITERAL = {
  path: "packages/daemons/toy/src/edge/thing.ts",
  text: [
    'return { code: "too_hot", text: { fr: "Trop chaud.", en: `Too hot: $',
    '{degrees}.` }, next: COOL };\nconst COOL = { fr: "Attendez.", en: "Wait." };',
  ].join(""),
};
const TABLES = {
  path: "packages/daemons/toy/src/core/faults.ts",
  text: `const TEXTS = {
  too_cold: [
    "Trop \\"froid\\".",
    "Too cold.",
    "Chauffez.",
    "Heat.",
  ],
  too_wet: {
    text: { fr: "Trop humide.", en: 'Too "wet".' },
  },
};`,
};

test("finds the three ways to write a fault", () => {
  const { faults, problems } = collectFaults([LITERAL, TABLES], {});
  expect(problems).toEqual([]);
  expect(faults).toEqual([
    { code: "too_cold", fr: 'Trop "froid".', en: "Too cold.", next: "Heat.", owner: "daemons/toy" },
    { code: "too_hot", fr: "Trop chaud.", en: "Too hot: ….", next: "Wait.", owner: "daemons/toy" },
    {
      code: "too_wet",
      fr: "Trop humide.",
      en: 'Too "wet".',
      next: undefined,
      owner: "daemons/toy",
    },
  ]);
});

test("a code without sentences is a problem", () => {
  const bare = { path: "packages/daemons/toy/src/service.ts", text: 'fail({ code: "mute" })' };
  expect(collectFaults([LITERAL, bare], {}).problems).toEqual([
    'packages/daemons/toy/src/service.ts: the code "mute" has no sentence in fr and en',
  ]);
  expect(collectFaults([LITERAL, bare], { mute: "on purpose" }).problems).toEqual([]);
});

test("an exception that excuses nothing is a problem", () => {
  expect(collectFaults([LITERAL], { mute: "on purpose" }).problems).toEqual([
    'packages/tools/docs/src/faults.ts: "mute" is in no source any more',
  ]);
});

test("one code with two meanings is a problem", () => {
  const other = {
    path: "packages/daemons/other/src/edge/thing.ts",
    text: LITERAL.text.replace("Trop chaud.", "Brûlant."),
  };
  expect(collectFaults([LITERAL, other], {}).problems).toEqual([
    '"too_hot" means two things, in daemons/toy and in daemons/other',
  ]);
});

test("the lines of the event log are read, and explain their codes", () => {
  const table = {
    path: "packages/daemons/toy/src/core/lines.ts",
    text: `const LINES = {
  toy_up: info("home", "« {actor} » marche.", '"{actor}" runs.'),
  toy_down: fault(
    "home",
    "« {actor} » est en panne.",
    "It is broken.",
  ),
};`,
  };
  const lines = collectLines([LITERAL, table]);
  expect(lines).toEqual([
    {
      code: "toy_up",
      severity: "info",
      category: "home",
      fr: "« {actor} » marche.",
      en: '"{actor}" runs.',
    },
    {
      code: "toy_down",
      severity: "fault",
      category: "home",
      fr: "« {actor} » est en panne.",
      en: "It is broken.",
    },
  ]);
  const said = { path: "packages/daemons/toy/src/core/step.ts", text: 'note({ code: "toy_up" })' };
  const codes = new Set(lines.map(({ code }) => code));
  expect(collectFaults([said], {}, codes).problems).toEqual([]);
  expect(collectFaults([said], {}).problems).toHaveLength(1);
});
