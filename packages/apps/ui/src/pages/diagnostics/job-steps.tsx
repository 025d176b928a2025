import type { SystemJob } from "@passerelle/contract";
import { Button } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { type Status, StatusWord } from "../../components/status-word.tsx";
import { say, t } from "../../words/index.ts";

/** How a diagnosis goes: each step with its verdict and what to do, and one sentence at the end. */
export function JobSteps(props: { readonly job: SystemJob; readonly onCancel: () => void }) {
  const { job } = props;
  return (
    <section class="job" aria-label={t("diag.steps")}>
      <div role="status">{outcomeOf(job)}</div>
      {job.state === "running" && (
        <div class="job-progress">
          <progress value={job.progress} max={1} aria-label={t("diag.progress")} />
          <Button onClick={props.onCancel}>{t("diag.cancel")}</Button>
        </div>
      )}
      <ol class="job-steps">
        {job.steps.map((step, index) => (
          // The same code may come twice: its place tells them apart.
          <li key={`${index}${step.code}`} class={`job-step job-${step.verdict}`}>
            <StatusWord status={STATUS[step.verdict]}>
              {t(`diag.verdict.${step.verdict}`)}
            </StatusWord>
            <div>
              <p>
                <bdi>{say(step.text)}</bdi>
              </p>
              {step.next !== undefined && (
                <p class="job-next">
                  <bdi>{say(step.next)}</bdi>
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

const STATUS: Readonly<Record<SystemJob["steps"][number]["verdict"], Status>> = {
  ok: "ok",
  warning: "warning",
  fault: "fault",
  skipped: "off",
};

function outcomeOf(job: SystemJob) {
  switch (job.state) {
    case "running":
      return <StatusWord status="working">{t("diag.running")}</StatusWord>;
    case "cancelled":
      return <StatusWord status="off">{t("diag.cancelled")}</StatusWord>;
    case "failed":
      return job.fault === undefined ? (
        <StatusWord status="fault" />
      ) : (
        <Notice status="fault">
          <p>{say(job.fault.text)}</p>
          {job.fault.next !== undefined && <p>{say(job.fault.next)}</p>}
        </Notice>
      );
    case "done":
      return isTool(job) ? null : verdictOf(job);
  }
}

/** A tool says its result in one step already. */
function isTool({ request }: SystemJob): boolean {
  return request.kind !== "no_internet" && request.kind !== "slow";
}

function verdictOf({ steps }: SystemJob) {
  const worst = (["fault", "warning"] as const).find((verdict) =>
    steps.some((step) => step.verdict === verdict),
  );
  const verdict = worst ?? "ok";
  return <Notice status={verdict}>{t(`diag.done.${verdict}`)}</Notice>;
}
