import type { ConfigImpact, ConfigPlan } from "@passerelle/contract";
import { Differences } from "../components/differences.tsx";
import { Fold } from "../components/fold.tsx";
import { Notice } from "../components/notice.tsx";
import { type Status, StatusWord } from "../components/status-word.tsx";
import { say, t } from "../words/index.ts";

/** What a change does to the people of the house, the heaviest first, before it is done. */
export function Impacts(props: {
  readonly text: string | undefined;
  readonly plan: ConfigPlan | undefined;
}) {
  const { plan } = props;
  return (
    <div class="impacts">
      {props.text !== undefined && <p>{props.text}</p>}
      {plan !== undefined && <PlanPart plan={plan} />}
    </div>
  );
}

function PlanPart({ plan }: { readonly plan: ConfigPlan }) {
  if (plan.problems.length > 0) {
    return (
      <Notice status="fault" alert>
        <p>{t("apply.problems")}</p>
        <ul>
          {plan.problems.map((problem) => (
            <li key={`${problem.section}${problem.path}`}>
              <bdi>{problem.message}</bdi>
            </li>
          ))}
        </ul>
      </Notice>
    );
  }
  if (plan.differences.length === 0) return <Notice status="info">{t("apply.no_change")}</Notice>;
  return (
    <>
      <Consequences plan={plan} />
      <Fold title={t("apply.differences", { n: plan.differences.length })}>
        <Differences differences={plan.differences} />
      </Fold>
    </>
  );
}

function Consequences({ plan }: { readonly plan: ConfigPlan }) {
  if (plan.impacts.length === 0) return <Notice status="ok">{t("apply.no_impact")}</Notice>;
  const heaviest = [...plan.impacts].sort((a, b) => WEIGHT[b.severity] - WEIGHT[a.severity]);
  return (
    <>
      <h3>{t("apply.impact")}</h3>
      <ul class="impact-list">
        {heaviest.map((impact) => (
          <li key={`${impact.section}${impact.text.en}`}>
            <StatusWord status={STATUS[impact.severity]}>
              {t(`severity.${impact.severity}`)}
            </StatusWord>
            <p>{say(impact.text)}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

const WEIGHT: Readonly<Record<ConfigImpact["severity"], number>> = {
  none: 0,
  short_interruption: 1,
  devices_reconnect: 2,
  may_cut_you_off: 3,
};

const STATUS: Readonly<Record<ConfigImpact["severity"], Status>> = {
  none: "ok",
  short_interruption: "info",
  devices_reconnect: "warning",
  may_cut_you_off: "warning",
};
