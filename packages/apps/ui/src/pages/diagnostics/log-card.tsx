import type { Problem } from "@passerelle/api";
import type { SystemLogEntry } from "@passerelle/contract";
import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Select } from "../../components/field.tsx";
import { ProblemNotice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import { csvOf } from "../../core/bundle.ts";
import { type Category, EventLog } from "../../parts/event-log.tsx";
import { fileName, saveFile } from "../../parts/save-file.ts";
import { say, t } from "../../words/index.ts";

const CATEGORIES: readonly Category[] = ["line", "home", "security", "configuration", "system"];
/** So many pages of the longest kind are saved; the box itself keeps not much more. */
const PAGES_MAX = 50;
const PAGE = 200;

/** What happened, by subject; can be kept as a table. */
export function LogCard() {
  const [chosen, choose] = useState<Category | "all">("all");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const category = chosen === "all" ? undefined : chosen;
  const save = async (): Promise<void> => {
    setBusy(true);
    const found = await everything(category);
    setBusy(false);
    setProblem("problem" in found ? found.problem : undefined);
    if ("problem" in found) return;
    saveFile(fileName("events", Date.now(), "csv"), tableOf(found.entries), "text/csv");
  };
  return (
    <Card
      title={t("log.title")}
      aside={
        <Button icon="down" busy={busy} onClick={() => void save()}>
          {t("log.export")}
        </Button>
      }
    >
      <div class="stack">
        <Select<Category | "all">
          name="category"
          label={t("log.filter")}
          value={chosen}
          onChange={choose}
          options={[
            { value: "all", label: t("log.all") },
            ...CATEGORIES.map((value) => ({ value, label: t(`log.category.${value}`) })),
          ]}
        />
        {problem !== undefined && <ProblemNotice problem={problem} />}
        <EventLog key={chosen} category={category} />
      </div>
    </Card>
  );
}

async function everything(
  category: Category | undefined,
): Promise<{ readonly entries: readonly SystemLogEntry[] } | { readonly problem: Problem }> {
  const entries: SystemLogEntry[] = [];
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const before = entries.at(-1)?.id;
    const answer = await api.call("GET /event-log", {
      query: { category, limit: PAGE, ...(before === undefined ? {} : { before }) },
    });
    if (!answer.ok) return { problem: answer.problem };
    entries.push(...answer.data.entries);
    if (!answer.data.more) break;
  }
  return { entries };
}

const COLUMNS = ["at", "category", "severity", "code", "text", "actor", "source"] as const;

function tableOf(entries: readonly SystemLogEntry[]): string {
  return csvOf([
    COLUMNS.map((column) => t(`log.column.${column}`)),
    ...entries.map((entry) => [
      new Date(entry.at).toISOString(),
      entry.category,
      entry.severity,
      entry.code,
      say(entry.text),
      entry.actor ?? "",
      entry.source ?? "",
    ]),
  ]);
}
