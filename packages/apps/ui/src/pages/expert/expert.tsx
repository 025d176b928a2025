import { Tabs } from "../../components/tabs.tsx";
import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";
import { ApiReader } from "./api-reader.tsx";
import { BusMonitor } from "./bus-monitor.tsx";
import { ConfigView } from "./config-view.tsx";
import "./expert.css";

/** What lies under the other pages; everything here can only be looked at. */
export default function Expert() {
  return (
    <PageFrame page="expert" title={t("expert.title")}>
      <Tabs
        label={t("expert.parts")}
        tabs={[
          { key: "bus", title: t("expert.bus"), body: () => <BusMonitor /> },
          { key: "api", title: t("expert.api"), body: () => <ApiReader /> },
          { key: "config", title: t("expert.config"), body: () => <ConfigView /> },
        ]}
      />
    </PageFrame>
  );
}
