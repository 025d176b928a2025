import "./devices.css";
import type { Host } from "@passerelle/api";
import { useEffect, useState } from "preact/hooks";
import { api, type Reply } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Chart } from "../../components/chart.tsx";
import { Icon } from "../../components/icon.tsx";
import { Name } from "../../components/name.tsx";
import { Sparkline } from "../../components/sparkline.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card, Facts } from "../../components/tile.tsx";
import { plainName } from "../../core/plain-name.ts";
import { PageFrame } from "../../shell/page-frame.tsx";
import type { PageProps } from "../../shell/pages.ts";
import { Waiting } from "../../shell/waiting.tsx";
import { formatAgo, formatBytes, formatDateTime, formatRate } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { DeviceActions } from "./device-actions.tsx";
import { HostMarks } from "./devices.tsx";
import { Openings } from "./openings.tsx";

export default function Device({ params }: PageProps) {
  const hosts = useChannel("hosts")?.hosts;
  const networks = useChannel("lan")?.networks ?? [];
  const host = hosts?.find((one) => one.id === params.id);
  const above = (
    <a class="page-above" href="/devices">
      <Icon name="left" />
      <span>{t("device.all")}</span>
    </a>
  );
  if (host === undefined) {
    return (
      <PageFrame
        page="device"
        above={above}
        title={hosts === undefined ? t("app.loading") : t("device.unknown")}
      >
        {hosts === undefined ? (
          <Waiting channel="hosts" text={t("devices.loading")} />
        ) : (
          <p>{t("device.unknown.text")}</p>
        )}
      </PageFrame>
    );
  }
  const guests = networks.filter((one) => one.zone === "guest").map((one) => one.name);
  return (
    <PageFrame
      page="device"
      above={above}
      title={<Name>{host.name}</Name>}
      plainTitle={plainName(host.name)}
    >
      <div class="device-head">
        <HostMarks host={host} guests={guests} />
        <span class="muted">
          {t("device.last_seen")} {formatAgo(host.lastSeen)}
        </span>
      </div>
      <div class="stack">
        <Card title={t("device.actions")}>
          <DeviceActions host={host} />
        </Card>
        <div class="split">
          <Card title={t("device.now")}>
            <Rates host={host} />
          </Card>
          <Card title={t("device.openings")}>
            <Openings host={host} />
          </Card>
        </div>
        <Card title={t("device.day")}>
          <Day id={host.id} />
        </Card>
        <Card title={t("device.identity")}>
          <Identity host={host} guests={guests} />
        </Card>
      </div>
    </PageFrame>
  );
}

function Rates({ host }: { readonly host: Host }) {
  return (
    <dl class="figures">
      <div class="figure">
        <dt>
          <Icon name="down" />
          {t("device.down")}
        </dt>
        <dd class="live">{formatRate(host.downRate ?? 0)}</dd>
        <Trend key={host.id} label={t("device.down")} rate={host.downRate ?? 0} host={host} />
      </div>
      <div class="figure">
        <dt>
          <Icon name="up" />
          {t("device.up")}
        </dt>
        <dd class="live">{formatRate(host.upRate ?? 0)}</dd>
        <Trend key={host.id} label={t("device.up")} rate={host.upRate ?? 0} host={host} />
      </div>
    </dl>
  );
}

const TREND_LENGTH = 60;

/** What was seen while the page stands: each reading of the box is one point. */
function Trend(props: { readonly label: string; readonly rate: number; readonly host: Host }) {
  const [seen, setSeen] = useState<readonly number[]>([]);
  const { rate, host } = props;
  useEffect(() => setSeen((list) => [...list, rate].slice(-TREND_LENGTH)), [host, rate]);
  if (seen.length < 2) return null;
  const summary = t("device.trend", { what: props.label, top: formatRate(Math.max(...seen)) });
  return (
    <dd>
      <Sparkline values={seen} summary={summary} />
    </dd>
  );
}

const AGAIN_MS = 60_000;

function Day({ id }: { readonly id: string }) {
  const [traffic, setTraffic] = useState<Reply<"GET /hosts/{id}/traffic">>();
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const answer = await api.call("GET /hosts/{id}/traffic", { params: { id } });
      if (!gone && answer.ok) setTraffic(answer.data);
    };
    void load();
    const timer = setInterval(() => void load(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [id]);
  if (traffic === undefined) return <StatusWord status="working">{t("app.loading")}</StatusWord>;
  const { points, periodMs } = traffic;
  const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
  const perSecond = (octets: number): number => (octets * 8000) / Math.max(1, periodMs);
  return (
    <Chart
      label={t("device.day")}
      summary={t("device.day.summary", {
        down: formatBytes(sum(points.map((point) => point.down))),
        up: formatBytes(sum(points.map((point) => point.up))),
      })}
      times={points.map((point) => point.at)}
      series={[
        { label: t("device.down"), values: points.map((point) => perSecond(point.down)) },
        { label: t("device.up"), values: points.map((point) => perSecond(point.up)) },
      ]}
      format={formatRate}
    />
  );
}

function Identity({ host, guests }: { readonly host: Host; readonly guests: readonly string[] }) {
  const isGuest = guests.includes(host.network ?? "");
  return (
    <Facts
      rows={[
        [t("device.name_from"), t(`device.name_from.${host.nameSource}`)],
        host.hostname === undefined
          ? undefined
          : [t("device.calls_itself"), <Name key="n">{host.hostname}</Name>],
        host.vendor === undefined
          ? undefined
          : [t("device.vendor"), <Name key="v">{host.vendor}</Name>],
        [t("device.addresses"), host.addresses.join(", ")],
        host.reservedAddress === undefined
          ? undefined
          : [t("device.kept_address"), host.reservedAddress],
        [
          t("device.hardware"),
          <>
            {host.macs.join(", ")}
            {host.privateMac && <p class="small muted">{t("device.private")}</p>}
          </>,
        ],
        [t("device.network"), t(isGuest ? "map.guest" : "map.home")],
        [t("device.first_seen"), formatDateTime(host.firstSeen)],
        [t("device.last_seen"), formatDateTime(host.lastSeen)],
        [t("device.evidence"), host.evidence.map(evidenceWord).join(", ")],
      ]}
    />
  );
}

function evidenceWord(evidence: string): string {
  if (evidence === "dhcp") return t("device.evidence.dhcp");
  return evidence === "arp" ? t("device.evidence.arp") : plainName(evidence);
}
