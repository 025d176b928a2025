import "./devices.css";
import type { Host } from "@passerelle/api";
import { useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { Choice, Field } from "../../components/field.tsx";
import { Name } from "../../components/name.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Card } from "../../components/tile.tsx";
import {
  addressRank,
  countsOf,
  findHosts,
  type HostFilter,
  isNew,
  stateOf,
} from "../../core/host-view.ts";
import { PageFrame } from "../../shell/page-frame.tsx";
import { Waiting } from "../../shell/waiting.tsx";
import { clock, formatAgo, formatRate } from "../../words/format.ts";
import { t } from "../../words/index.ts";

const FILTERS: readonly HostFilter[] = ["all", "online", "new", "blocked"];

export default function Devices() {
  const hosts = useChannel("hosts")?.hosts;
  const networks = useChannel("lan")?.networks ?? [];
  const [filter, setFilter] = useState<HostFilter>(wantedFilter);
  const [search, setSearch] = useState("");
  const now = clock.value;
  const counts = countsOf(hosts ?? [], now);
  const found = findHosts(hosts ?? [], filter, search, now);
  const guests = networks.filter((one) => one.zone === "guest").map((one) => one.name);
  return (
    <PageFrame page="devices" title={t("devices.title")}>
      <div class="devices-tools">
        <Field
          name="search"
          label={t("devices.search")}
          hint={t("devices.search.hint")}
          value={search}
          maxLength={64}
          onInput={setSearch}
        />
        <Choice<HostFilter>
          label={t("devices.filter")}
          name="filter"
          value={filter}
          onChange={setFilter}
          options={FILTERS.map((value) => ({
            value,
            label: `${t(`devices.filter.${value}`)} (${counts[value]})`,
          }))}
        />
      </div>
      {hosts === undefined ? (
        <Waiting channel="hosts" text={t("devices.loading")} />
      ) : (
        <Card
          title={t("devices.count", { n: found.length })}
          // The number changes while one types.
          live
        >
          <Table
            key={filter}
            label={t("devices.title")}
            columns={columnsOf(guests)}
            rows={found}
            rowKey={(host) => host.id}
            sort={{ key: "state", down: false }}
            empty={t("devices.none")}
          />
        </Card>
      )}
    </PageFrame>
  );
}

/** A link may ask for a part: /devices?show=new. */
function wantedFilter(): HostFilter {
  const wanted = new URLSearchParams(location.search).get("show");
  return FILTERS.find((one) => one === wanted) ?? "all";
}

function columnsOf(guests: readonly string[]): readonly Column<Host>[] {
  return [
    {
      key: "name",
      title: t("devices.name"),
      sortBy: (host) => host.name,
      cell: (host) => (
        <a class="device-link" href={`/devices/${encodeURIComponent(host.id)}`}>
          <Name>{host.name}</Name>
        </a>
      ),
    },
    {
      key: "state",
      title: t("devices.state"),
      sortBy: (host) => `${host.online ? 0 : 1}${isNew(host, clock.value) ? 0 : 1}${host.name}`,
      cell: (host) => <HostMarks host={host} guests={guests} />,
    },
    {
      key: "address",
      title: t("devices.address"),
      sortBy: addressRank,
      cell: (host) => <bdi class="numeric">{host.addresses[0] ?? ""}</bdi>,
    },
    {
      key: "traffic",
      title: t("devices.traffic"),
      numeric: true,
      sortBy: (host) => -(host.downRate ?? 0) - (host.upRate ?? 0),
      cell: (host) =>
        host.online ? (
          <span class="live rates">
            <span>↓ {formatRate(host.downRate ?? 0)}</span>
            <span>↑ {formatRate(host.upRate ?? 0)}</span>
          </span>
        ) : (
          <span class="muted">{formatAgo(host.lastSeen)}</span>
        ),
    },
  ];
}

/** State, and what is special about a device: each with its word. */
export function HostMarks(props: { readonly host: Host; readonly guests: readonly string[] }) {
  const { host } = props;
  const state = stateOf(host);
  return (
    <span class="marks">
      {state === "blocked" && (
        <StatusWord status="fault" icon="blocked">
          {t("devices.blocked")}
        </StatusWord>
      )}
      {state !== "blocked" && (
        <StatusWord status={host.online ? "ok" : "off"}>
          {t(host.online ? "devices.online" : "devices.offline")}
        </StatusWord>
      )}
      {isNew(host, clock.value) && (
        <StatusWord status="info" icon="new">
          {t("devices.new")}
        </StatusWord>
      )}
      {props.guests.includes(host.network ?? "") && (
        <StatusWord status="info">{t("devices.guest")}</StatusWord>
      )}
    </span>
  );
}
