import type { WanState } from "@passerelle/contract";
import { useChannel } from "../../box/live.ts";
import { ButtonLink } from "../../components/button.tsx";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { chainOf } from "../../core/line-chain.ts";
import { LazyPart } from "../../shell/lazy.tsx";
import { PageFrame } from "../../shell/page-frame.tsx";
import { formatDateTime } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";
import { Chain } from "./chain.tsx";
import "./internet.css";
import { Reconnect } from "./interrupting.tsx";
import { LineCharts } from "./line-charts.tsx";
import { LineFacts } from "./line-facts.tsx";
import { LineSettings } from "./line-settings.tsx";
import { Timeline } from "./timeline.tsx";

/** The line: whether it works, why not, what it is and was. */
export default function Internet() {
  const wan = useChannel("wan");
  if (wan === undefined) {
    return (
      <PageFrame page="internet" title={t("nav.internet")}>
        <StatusWord status="working">{t("internet.loading")}</StatusWord>
      </PageFrame>
    );
  }
  const { line, resolvers } = wan;
  return (
    <PageFrame page="internet" title={headingOf(line)}>
      <div class="stack">
        {line.cause !== undefined && <Cause cause={line.cause} reach={line.reach.kind} />}
        <Card title={t("chain.title")} aside={<Reconnect />}>
          <Chain links={chainOf(line)} line={line} />
        </Card>
        <Wires />
        <Card title={t("charts.title")}>
          <LineCharts />
        </Card>
        <div class="split">
          <Card title={t("facts.title")}>
            <LineFacts line={line} resolvers={resolvers} />
          </Card>
          <Card title={t("timeline.title")}>
            <Timeline />
          </Card>
        </div>
        <Card title={t("line.title")}>
          <LineSettings />
        </Card>
      </div>
    </PageFrame>
  );
}

/** The pair of wires, where a modem is watched: most homes have none, and do not fetch what shows it. */
function Wires() {
  const dsl = useChannel("dsl");
  if (dsl === undefined || dsl.kind === "none") return null;
  return <LazyPart load={loadDsl} />;
}

const loadDsl = () => import("./dsl/dsl-card.tsx");

function headingOf({ reach }: WanState): string {
  switch (reach.kind) {
    case "online":
      return t("internet.online");
    case "limited":
      return t("internet.limited");
    case "offline":
      return t("internet.offline_since", { since: formatDateTime(reach.since) });
    case "unknown":
      return t("internet.connecting");
  }
}

/** Why the line is as it is, in the sentence of whoever knows, and what helps. */
function Cause(props: {
  readonly cause: NonNullable<WanState["cause"]>;
  readonly reach: WanState["reach"]["kind"];
}) {
  const { cause } = props;
  const isFault = props.reach === "offline";
  return (
    <Notice
      status={isFault ? "fault" : props.reach === "unknown" ? "working" : "warning"}
      action={
        <ButtonLink href="/diagnostics" icon="diagnostics">
          {t("internet.find_out")}
        </ButtonLink>
      }
    >
      <p>
        <strong>{say(cause.text)}</strong>
      </p>
      {cause.next !== undefined && <p>{say(cause.next)}</p>}
    </Notice>
  );
}
