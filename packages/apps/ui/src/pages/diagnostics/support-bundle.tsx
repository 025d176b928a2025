import type { Problem } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Code } from "../../components/code.tsx";
import { Fold } from "../../components/fold.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import { partsOf } from "../../core/bundle.ts";
import { fileName, saveFile } from "../../parts/save-file.ts";
import { formatBytes } from "../../words/format.ts";
import { t } from "../../words/index.ts";

/** The report is shown before it is saved: nothing leaves the box that nobody has seen. */
export function SupportBundle() {
  const [document, setDocument] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.call("POST /system/support-bundle");
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) setDocument(answer.data.document);
  };
  return (
    <Card title={t("bundle.title")}>
      <div class="stack">
        <p>{t("bundle.text")}</p>
        {problem !== undefined && <ProblemNotice problem={problem} />}
        {document !== undefined && <Contents document={document} />}
        <div class="actions">
          <Button busy={busy} onClick={() => void make()}>
            {document === undefined ? t("bundle.make") : t("diag.again")}
          </Button>
          {document !== undefined && (
            <Button
              kind="primary"
              icon="down"
              onClick={() => saveFile(fileName("report", Date.now(), "json"), document)}
            >
              {t("bundle.save")}
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}

function Contents({ document }: { readonly document: string }) {
  const parts = partsOf(document) ?? [];
  return (
    <div>
      <p role="status">{t("bundle.ready", { size: formatBytes(document.length) })}</p>
      {parts.map((part) => (
        <Fold
          key={part.name}
          title={t("bundle.part", { name: part.name, size: formatBytes(part.bytes) })}
        >
          <Code label={part.name}>{part.text}</Code>
          {part.isCut && <p class="muted">{t("bundle.cut")}</p>}
        </Fold>
      ))}
    </div>
  );
}
