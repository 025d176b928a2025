import type { ConfigDifference } from "@passerelle/contract";
import { shortJson } from "../core/json-value.ts";
import "../styles/parts.css";
import { t } from "../words/index.ts";

/** More lines help nobody who looks at one change. */
const SHOWN = 60;

/** What changes in the settings, each with its value before and after; a secret shows as dots. */
export function Differences({
  differences,
}: {
  readonly differences: readonly ConfigDifference[];
}) {
  if (differences.length === 0) return <p class="muted">{t("apply.no_difference")}</p>;
  return (
    <dl class="differences">
      {differences.slice(0, SHOWN).map((one) => (
        <div key={`${one.section}${one.path}`}>
          <dt>
            <bdi>{`${one.section}${one.path}`}</bdi>
          </dt>
          <dd>
            <span class="unseen">{t("apply.before")} </span>
            <bdi class="was">{shortJson(one.before)}</bdi> <span aria-hidden="true">→</span>{" "}
            <span class="unseen">{t("apply.after")} </span>
            <bdi>{shortJson(one.after)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
