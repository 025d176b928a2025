import type { SystemState } from "@passerelle/contract";
import { Table } from "../../components/table.tsx";
import { Card } from "../../components/tile.tsx";
import { formatBytes, formatPercent } from "../../words/format.ts";
import { t } from "../../words/index.ts";

export function Processes({ processes }: { readonly processes: SystemState["processes"] }) {
  return (
    <Card title={t("processes.title")}>
      <p>{t("processes.text")}</p>
      <Table
        label={t("processes.title")}
        rows={processes}
        rowKey={({ name }) => name}
        sort={{ key: "memory", down: true }}
        columns={[
          {
            key: "name",
            title: t("processes.name"),
            cell: ({ name }) => (name === "other" ? t("processes.other") : name),
            sortBy: ({ name }) => name,
          },
          {
            key: "memory",
            title: t("processes.memory"),
            numeric: true,
            cell: ({ pssBytes }) => formatBytes(pssBytes),
            sortBy: ({ pssBytes }) => pssBytes,
          },
          {
            key: "cpu",
            title: t("processes.cpu"),
            numeric: true,
            cell: ({ cpu }) => formatPercent(cpu),
            sortBy: ({ cpu }) => cpu,
          },
        ]}
      />
    </Card>
  );
}
