import type { ConfigPlan } from "@passerelle/contract";
import { useEffect } from "preact/hooks";
import { bareApi } from "../box/api.ts";
import { ButtonLink } from "../components/button.tsx";
import { ProblemNotice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { newAddresses } from "../core/addresses.ts";
import type { ApplyState } from "../core/apply-machine.ts";
import { t } from "../words/index.ts";
import { keepLink } from "./keep-link.ts";

const PROBE_MS = 2_000;

/**
 * The time in which a change must be kept. The page goes on asking at the address it came from; a page of another
 * origin may not be asked (content security policy), so the new address is a link that carries the token in its fragment,
 * which browsers never send.
 */
export function Probation(props: {
  readonly state: Extract<ApplyState, { kind: "probation" }>;
  readonly plan: ConfigPlan | undefined;
  readonly onAnswer: (address: string) => void;
}) {
  const { state } = props;
  const left = Math.max(0, state.endsAt - performance.now());
  const elsewhere = newAddresses(props.plan?.differences ?? []).filter(
    (address) => address !== location.hostname,
  );
  const { onAnswer } = props;
  useEffect(() => {
    const timer = setInterval(() => {
      void bareApi.call("GET /welcome").then((answer) => {
        if (answer.ok) onAnswer(location.host);
      });
    }, PROBE_MS);
    return () => clearInterval(timer);
  }, [state.token]);
  return (
    <>
      <p>{t("apply.probation.text")}</p>
      <p class="countdown">
        <progress value={left} max={state.endsAt - state.startedAt} aria-hidden="true" />
        {/* Read out every ten seconds only. */}
        <span aria-hidden="true">{t("apply.probation.left", { n: Math.ceil(left / 1000) })}</span>
        <span class="unseen">
          {t("apply.probation.left", { n: Math.ceil(left / 10_000) * 10 })}
        </span>
      </p>
      {state.answeredBy === undefined ? (
        <StatusWord status="working">
          {t("apply.probing", { addresses: [location.host, ...elsewhere].join(", ") })}
        </StatusWord>
      ) : (
        <StatusWord status="ok">{t("apply.answers", { address: state.answeredBy })}</StatusWord>
      )}
      {state.problem !== undefined && <ProblemNotice problem={state.problem} />}
      {elsewhere.map((address) => (
        <div key={address} class="elsewhere">
          <p>{t("apply.open_new.text")}</p>
          <ButtonLink href={keepLink(address, state.token)} icon="right">
            {t("apply.open_new", { address })}
          </ButtonLink>
        </div>
      ))}
    </>
  );
}
