import { useChannel } from "../../box/live.ts";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { Card } from "../../components/tile.tsx";
import { PageFrame } from "../../shell/page-frame.tsx";
import { say, t } from "../../words/index.ts";
import { Backup } from "./backup.tsx";
import { BoxSettings } from "./box-settings.tsx";
import { FactoryReset } from "./factory-reset.tsx";
import { HomeNetwork } from "./home-network.tsx";
import { Machine } from "./machine.tsx";
import { MachineCharts } from "./machine-charts.tsx";
import { Names } from "./names.tsx";
import { Processes } from "./processes.tsx";
import { Restart } from "./restart.tsx";
import { Restore } from "./restore.tsx";
import { Revisions } from "./revisions.tsx";
import { Update } from "./update.tsx";
import "./system.css";

/** The box itself: how it is, how it is set, and how to go back. */
export default function System() {
  const system = useChannel("system");
  if (system === undefined) {
    return (
      <PageFrame page="system" title={t("nav.system")}>
        <StatusWord status="working">{t("system.loading")}</StatusWord>
      </PageFrame>
    );
  }
  const { faults } = system;
  return (
    <PageFrame page="system" title={t(faults.length === 0 ? "system.well" : "system.unwell")}>
      <div class="stack">
        {faults.map((fault) => (
          <Notice key={fault.code} status="warning">
            <p>
              <strong>{say(fault.text)}</strong>
            </p>
            {fault.next !== undefined && <p>{say(fault.next)}</p>}
          </Notice>
        ))}
        <Tabs
          label={t("system.parts")}
          tabs={[
            {
              key: "machine",
              title: t("system.part.machine"),
              body: () => (
                <div class="stack">
                  <Machine system={system} />
                  <Update />
                  <Card title={t("load.title")}>
                    <MachineCharts />
                  </Card>
                  <Processes processes={system.processes} />
                </div>
              ),
            },
            {
              key: "network",
              title: t("system.part.network"),
              body: () => (
                <div class="stack">
                  <HomeNetwork />
                  <Names />
                </div>
              ),
            },
            { key: "settings", title: t("system.part.settings"), body: () => <BoxSettings /> },
            { key: "history", title: t("system.part.history"), body: () => <Revisions /> },
            {
              key: "backup",
              title: t("system.part.backup"),
              body: () => (
                <div class="split">
                  <Backup />
                  <Restore />
                  <Restart />
                  <FactoryReset />
                </div>
              ),
            },
          ]}
        />
      </div>
    </PageFrame>
  );
}
