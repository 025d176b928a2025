import "./first-run.css";
import { useState } from "preact/hooks";
import { session } from "../../box/session.ts";
import { t } from "../../words/index.ts";
import { DoneStep } from "./done-step.tsx";
import { LineStep } from "./line-step.tsx";
import { WelcomeStep } from "./welcome-step.tsx";

const STEPS = 3;

/** The first three screens; everything works as well if nobody ever sees them. */
export default function FirstRun() {
  const [checked, setChecked] = useState(false);
  const isIn = session.value !== "none" && session.value !== undefined;
  const step = !isIn ? 1 : !checked ? 2 : 3;
  return (
    <main class="alone first-run" id="content">
      <p class="steps">
        {t("first.step", { step, steps: STEPS })}
        <progress value={step} max={STEPS} aria-hidden="true" />
      </p>
      {step === 1 && <WelcomeStep />}
      {step === 2 && <LineStep onDone={() => setChecked(true)} />}
      {step === 3 && <DoneStep />}
    </main>
  );
}
