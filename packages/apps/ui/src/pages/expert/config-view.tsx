import { Button } from "../../components/button.tsx";
import { Code } from "../../components/code.tsx";
import { Fold } from "../../components/fold.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { prettyJson } from "../../core/bus-log.ts";
import { fileName, saveFile } from "../../parts/save-file.ts";
import { useConfig } from "../../parts/use-config.ts";
import { t } from "../../words/index.ts";

/** Every section as JSON, secrets masked. */
export function ConfigView() {
  const { sections, revision, problem } = useConfig();
  const save = (): void =>
    saveFile(
      fileName(`revision-${revision ?? 0}`, Date.now(), "json"),
      JSON.stringify(sections, undefined, 2),
    );
  return (
    <Card
      title={t("config.title")}
      aside={
        sections !== undefined && (
          <Button icon="down" onClick={save}>
            {t("config.save")}
          </Button>
        )
      }
    >
      <div class="stack">
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {sections === undefined && problem === undefined && (
          <StatusWord status="working">{t("app.loading")}</StatusWord>
        )}
        {sections !== undefined && (
          <>
            <p>{t("config.text", { revision: String(revision ?? "") })}</p>
            <div>
              {Object.entries(sections).map(([name, value]) => (
                <Fold key={name} title={name}>
                  <Code label={name}>{prettyJson(value)}</Code>
                </Fold>
              ))}
            </div>
          </>
        )}
      </div>
    </Card>
  );
}
