import type { PortMapping } from "@passerelle/api";
import { useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { closePort, switchPort } from "../../box/opening-change.ts";
import { Button } from "../../components/button.tsx";
import { Name } from "../../components/name.tsx";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Card } from "../../components/tile.tsx";
import { portsText } from "../../core/openings.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { formatAgo } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { NewOpeningDialog } from "./new-opening.tsx";

/** Every opening with who opened it and when; each can be switched off or closed. */
export function Openings(props: { readonly mappings: readonly PortMapping[] | undefined }) {
  const [opening, setOpening] = useState(false);
  const hosts = useChannel("hosts")?.hosts ?? [];
  const shared = useChannel("wan")?.line.sharedAddress;
  const { mappings } = props;
  const nameOf = (mapping: PortMapping): string =>
    hosts.find(({ id }) => id === mapping.host)?.name ?? mapping.to;
  return (
    <Card
      title={t("openings.title")}
      aside={<Button onClick={() => setOpening(true)}>{t("openings.new")}</Button>}
    >
      {mappings === undefined ? (
        <StatusWord status="working">{t("security.loading")}</StatusWord>
      ) : (
        <div class="stack">
          {shared !== undefined && (
            <Notice status="warning">{t(`openings.shared.${shared}`)}</Notice>
          )}
          <p>{mappings.length === 0 ? t("openings.none") : t("openings.text")}</p>
          {mappings.length > 0 && (
            <Table
              label={t("openings.title")}
              columns={columnsOf(nameOf)}
              rows={mappings}
              rowKey={({ id }) => id}
            />
          )}
        </div>
      )}
      {opening && (
        <NewOpeningDialog
          hosts={hosts}
          mappings={mappings ?? []}
          nameOf={nameOf}
          onClose={() => setOpening(false)}
        />
      )}
    </Card>
  );
}

function columnsOf(nameOf: (mapping: PortMapping) => string): readonly Column<PortMapping>[] {
  return [
    {
      key: "name",
      title: t("openings.what"),
      cell: ({ name }) => (name === undefined ? t("openings.what.none") : <Name>{name}</Name>),
      sortBy: ({ name }) => name ?? "",
    },
    {
      key: "port",
      title: t("openings.port"),
      cell: (mapping) => (
        <span>
          {portsText(mapping)} {protocolText(mapping)}
          {mapping.source !== undefined && (
            <span class="small muted block">
              {t("openings.only_from", { source: mapping.source })}
            </span>
          )}
        </span>
      ),
      sortBy: ({ port }) => port,
    },
    {
      key: "device",
      title: t("openings.device"),
      cell: (mapping) =>
        mapping.host === undefined ? (
          <Name>{mapping.to}</Name>
        ) : (
          <a href={`/devices/${encodeURIComponent(mapping.host)}`}>
            <Name>{nameOf(mapping)}</Name>
          </a>
        ),
      sortBy: nameOf,
    },
    {
      key: "owner",
      title: t("openings.owner"),
      cell: ({ owner, createdAt }) => (
        <span>
          {owner !== undefined && <Name>{owner}</Name>}
          {createdAt !== undefined && <span class="small muted block">{formatAgo(createdAt)}</span>}
        </span>
      ),
      sortBy: ({ createdAt }) => createdAt ?? 0,
    },
    { key: "state", title: t("openings.state"), cell: stateOf },
    { key: "actions", title: t("openings.actions"), cell: (mapping) => <Acts mapping={mapping} /> },
  ];
}

function protocolText({ protocol }: PortMapping): string {
  return protocol === "both" ? "TCP, UDP" : protocol.toUpperCase();
}

function stateOf({ enabled, active }: PortMapping) {
  if (!enabled) return <StatusWord status="off">{t("openings.state.off")}</StatusWord>;
  return active ? (
    <StatusWord status="warning">{t("openings.state.active")}</StatusWord>
  ) : (
    <StatusWord status="off">{t("openings.state.waiting")}</StatusWord>
  );
}

function Acts({ mapping }: { readonly mapping: PortMapping }) {
  const { enabled } = mapping;
  const toggle = (): void =>
    startChange(
      switchPort(mapping, !enabled, {
        title: t(enabled ? "openings.off.title" : "openings.on.title"),
        text: enabled
          ? t("openings.off.text")
          : t("openings.on.text", { port: portsText(mapping) }),
        go: t(enabled ? "openings.off" : "openings.on"),
        done: t(enabled ? "openings.off.done" : "openings.on.done"),
      }),
    );
  const close = (): void =>
    startChange({
      ...closePort(mapping, {
        title: t("openings.close.title"),
        text: t("openings.close.text"),
        go: t("openings.close"),
        done: t("openings.close.done"),
      }),
      danger: true,
    });
  const name = `${mapping.name ?? ""} ${portsText(mapping)}`.trim();
  const action = t(enabled ? "openings.off" : "openings.on");
  return (
    <span class="actions">
      <Button label={t("row.action", { action, name })} onClick={toggle}>
        {action}
      </Button>
      <Button
        kind="danger"
        label={t("row.action", { action: t("openings.close"), name })}
        onClick={close}
      >
        {t("openings.close")}
      </Button>
    </span>
  );
}
