import type { SystemJob } from "@passerelle/contract";
import { Button } from "../../components/button.tsx";
import { Name } from "../../components/name.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { fileName, saveFromBox } from "../../parts/save-file.ts";
import { formatBytes, formatNumber } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { formatMilliseconds } from "../../words/units.ts";
import { JobSteps } from "./job-steps.tsx";

type Line = SystemJob["lines"][number];
/** The place of a line is its identity: they only ever grow at the end. */
type Row = Line & { readonly place: number };

/** The lines of a tool as they come, its verdict, and the file of a capture. */
export function ToolResult(props: { readonly job: SystemJob; readonly onCancel: () => void }) {
  const { job } = props;
  const rows = job.lines.map((line, place): Row => ({ ...line, place }));
  return (
    <div class="stack">
      <JobSteps job={job} onCancel={props.onCancel} />
      {rows.length > 0 && (
        <Table
          label={t("tools.results")}
          columns={columnsOf(rows)}
          rows={rows}
          rowKey={({ place }) => String(place)}
          pageSize={100}
        />
      )}
      {job.fileBytes !== undefined && job.state === "done" && (
        <div class="actions">
          <Button
            icon="down"
            onClick={() =>
              void saveFromBox(
                `/jobs/${encodeURIComponent(job.id)}/file`,
                fileName("capture", job.startedAt, "pcap"),
              )
            }
          >
            {t("tools.file", { size: formatBytes(job.fileBytes) })}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Only columns that say something: a look-up has no times. */
function columnsOf(rows: readonly Row[]): readonly Column<Row>[] {
  const has = (key: keyof Line): boolean => rows.some((row) => row[key] !== undefined);
  const number: Column<Row> = {
    key: "number",
    title: t("tools.number"),
    cell: (row) => (row.number === undefined ? "" : formatNumber(row.number)),
  };
  const from: Column<Row> = {
    key: "from",
    title: t("tools.from"),
    cell: ({ name, address }) => (
      <span>
        {name !== undefined && <Name>{name}</Name>} {address}
      </span>
    ),
  };
  const time: Column<Row> = {
    key: "time",
    title: t("tools.time"),
    numeric: true,
    cell: ({ timeMs }) => (timeMs === undefined ? "" : formatMilliseconds(timeMs)),
  };
  const note: Column<Row> = {
    key: "note",
    title: t("tools.note"),
    cell: ({ text }) => (text === undefined ? "" : <bdi>{noteOf(text)}</bdi>),
  };
  return [
    ...(has("number") ? [number] : []),
    ...(has("address") || has("name") ? [from] : []),
    ...(has("timeMs") ? [time] : []),
    ...(has("text") ? [note] : []),
  ];
}

function noteOf(text: string): string {
  return text === "no answer" ? t("tools.silent") : text;
}
