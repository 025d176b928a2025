import "./home.css";
import type { ComponentChildren } from "preact";
import { useChannel } from "../../box/live.ts";
import { StatusWord } from "../../components/status-word.tsx";
import { queueOf, type Verdict, verdictOf } from "../../core/home-view.ts";
import { PageFrame } from "../../shell/page-frame.tsx";
import { formatDateTime } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { HomeMap } from "./home-map.tsx";
import { Notices } from "./notices.tsx";
import { Tiles } from "./tiles.tsx";

export default function Home() {
  const wan = useChannel("wan");
  const notices = queueOf(useChannel("notifications")?.notifications ?? []);
  const verdict = verdictOf(wan?.line, notices);
  return (
    <PageFrame page="home" title={headline(verdict)} plainTitle={t("home.title")}>
      <div class="home">
        <Notices notices={notices} />
        <Tiles line={wan?.line} />
        <HomeMap line={wan?.line} />
      </div>
    </PageFrame>
  );
}

function headline(verdict: Verdict): ComponentChildren {
  switch (verdict.kind) {
    case "checking":
      return t("home.checking");
    case "well":
      return (
        <span class="verdict">
          <StatusWord status="ok">{t("home.all_well")}</StatusWord>
        </span>
      );
    case "line_down":
      return (
        <span class="verdict">
          <StatusWord status="fault">
            {t("home.line_down_since", { since: formatDateTime(verdict.since) })}
          </StatusWord>
        </span>
      );
    case "line_limited":
      return (
        <span class="verdict">
          <StatusWord status="warning">{t("home.line_limited")}</StatusWord>
        </span>
      );
    case "needs_you":
      return (
        <span class="verdict">
          <StatusWord status="warning">{t("home.needs_you", { n: verdict.count })}</StatusWord>
        </span>
      );
  }
}
