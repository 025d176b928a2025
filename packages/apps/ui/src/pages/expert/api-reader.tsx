import type { Problem } from "@passerelle/api";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { ButtonLink } from "../../components/button.tsx";
import { Code } from "../../components/code.tsx";
import { Field } from "../../components/field.tsx";
import { Fold } from "../../components/fold.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card, Facts } from "../../components/tile.tsx";
import { type OperationView, operationsOf, searched } from "../../core/openapi-view.ts";
import { t } from "../../words/index.ts";

/** The document of the API, read out: by subject, each operation with its right, shapes and a line for a shell. */
export function ApiReader() {
  const [operations, setOperations] = useState<readonly OperationView[]>();
  const [problem, setProblem] = useState<Problem>();
  const [search, setSearch] = useState("");
  useEffect(() => {
    let gone = false;
    void api.call("GET /openapi.json").then((answer) => {
      if (gone) return;
      if (answer.ok) setOperations(operationsOf(answer.data, location.origin));
      else setProblem(answer.problem);
    });
    return () => {
      gone = true;
    };
  }, []);
  if (problem !== undefined) return <ProblemNotice problem={problem} />;
  if (operations === undefined) {
    return <StatusWord status="working">{t("app.loading")}</StatusWord>;
  }
  const byTag = searched(operations, search);
  return (
    <div class="stack">
      <Card
        title={t("api.title")}
        aside={<ButtonLink href="/api/v1/openapi.json">{t("api.document")}</ButtonLink>}
      >
        <div class="stack">
          <p>{t("api.text", { n: operations.length })}</p>
          <Field
            name="search"
            label={t("api.search")}
            hint={t("api.search.hint")}
            maxLength={80}
            value={search}
            onInput={setSearch}
          />
          {byTag.size === 0 && <p class="empty">{t("api.none")}</p>}
        </div>
      </Card>
      {[...byTag.entries()].map(([tag, some]) => (
        <Card key={tag} title={tag}>
          {some.map((one) => (
            <Fold key={one.key} title={<Heading operation={one} />}>
              <Operation operation={one} />
            </Fold>
          ))}
        </Card>
      ))}
    </div>
  );
}

function Heading({ operation }: { readonly operation: OperationView }) {
  return (
    <span class="operation">
      <span class={`method method-${operation.method.toLowerCase()}`}>{operation.method}</span>
      <bdi>{operation.path}</bdi>
      <span class="operation-about">{operation.summary}</span>
    </span>
  );
}

function Operation({ operation }: { readonly operation: OperationView }) {
  const { access, stepUp, parameters, body, answers, curl, key } = operation;
  const refusals = answers.filter(({ status }) => /^[45]/.test(status));
  return (
    <>
      <Facts
        rows={[
          [t("api.access"), access === "public" ? t("api.access.public") : access],
          stepUp ? [t("api.step_up"), t("api.step_up.needed")] : undefined,
          ...parameters.map(
            (one) =>
              [
                t("api.parameter", { name: one.name }),
                `${one.schema}, ${one.place}${one.required ? "" : `, ${t("api.optional")}`}`,
              ] as const,
          ),
          refusals.length === 0
            ? undefined
            : [
                t("api.errors"),
                refusals.map(({ status, about }) => (
                  <span key={status} class="block">
                    {status}: {about}
                  </span>
                )),
              ],
        ]}
      />
      {body !== undefined && (
        <>
          <h3>{t("api.body")}</h3>
          <Code label={`${t("api.body")}: ${key}`}>{body}</Code>
        </>
      )}
      {answers.map(({ status, schema }) =>
        schema === undefined ? null : (
          <div key={status} class="stack">
            <h3>
              {t("api.answers")} {status}
            </h3>
            <Code label={`${t("api.answers")} ${status}: ${key}`}>{schema}</Code>
          </div>
        ),
      )}
      <h3>{t("api.curl")}</h3>
      <Code label={`${t("api.curl")}: ${key}`}>{curl}</Code>
    </>
  );
}
