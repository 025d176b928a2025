import type { WanState } from "@passerelle/contract";
import { useChannel } from "../../box/live.ts";
import { Tile } from "../../components/tile.tsx";
import { devicesOf, strainOf } from "../../core/home-view.ts";
import { clock, formatNumber, formatSince } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

/** Your home in six words, each with one action. */
export function Tiles({ line }: { readonly line: WanState | undefined }) {
  return (
    <section aria-label={t("home.tiles")}>
      <h2 class="unseen">{t("home.tiles")}</h2>
      <div class="tiles">
        <InternetTile line={line} />
        <DevicesTile />
        <SystemTile />
        <Tile icon="wifi" title={t("tile.wifi")} status="off" word={t("tile.none")} />
        <Tile icon="phone" title={t("tile.phone")} status="off" word={t("tile.none")} />
        <Tile icon="tv" title={t("tile.tv")} status="off" word={t("tile.none")} />
      </div>
    </section>
  );
}

function InternetTile({ line }: { readonly line: WanState | undefined }) {
  const see = <a href="/internet">{t("tile.internet.action")}</a>;
  const fix = <a href="/diagnostics">{t("tile.internet.fix")}</a>;
  const shared = { icon: "internet", title: t("tile.internet") } as const;
  if (line?.reach.kind === "online") {
    return (
      <Tile {...shared} status="ok" action={see}>
        <p>{t("tile.internet.online", { since: formatSince(line.reach.since) })}</p>
      </Tile>
    );
  }
  if (line === undefined || (line.reach.kind === "unknown" && line.cause === undefined)) {
    return (
      <Tile {...shared} status="working" action={see}>
        <p>{t("tile.internet.unknown")}</p>
      </Tile>
    );
  }
  const fault = line.cause ?? (line.reach.kind === "unknown" ? undefined : line.reach.fault);
  return (
    <Tile {...shared} status={line.reach.kind === "limited" ? "warning" : "fault"} action={fix}>
      <p>{fault === undefined ? t("home.line_down") : say(fault.text)}</p>
      {fault?.next !== undefined && <p class="muted small">{say(fault.next)}</p>}
    </Tile>
  );
}

function DevicesTile() {
  const hosts = useChannel("hosts")?.hosts;
  const lan = useChannel("lan");
  const { online, fresh } = devicesOf(hosts ?? [], clock.value);
  const fault = lan?.kind === "degraded" ? lan.faults[0] : undefined;
  const status = fault !== undefined ? "warning" : hosts === undefined ? "working" : "ok";
  return (
    <Tile
      icon="devices"
      title={t("tile.devices")}
      status={status}
      action={
        <a href="/devices">{t(fresh > 0 ? "tile.devices.action.new" : "tile.devices.action")}</a>
      }
    >
      <p>
        {hosts?.length === 0
          ? t("tile.devices.none")
          : [
              t("home.devices_online", { n: online }),
              ...(fresh > 0 ? [t("tile.devices.new", { n: fresh })] : []),
            ].join(", ")}
      </p>
      {fault !== undefined && <p class="small">{say(fault.text)}</p>}
    </Tile>
  );
}

function SystemTile() {
  const system = useChannel("system");
  const fault = system?.faults[0];
  const strain = system === undefined ? undefined : strainOf(system);
  const isWell = fault === undefined && strain === undefined;
  return (
    <Tile
      icon="system"
      title={t("tile.system")}
      status={system === undefined ? "working" : isWell ? "ok" : "warning"}
      action={<a href="/system">{t("tile.system.action")}</a>}
    >
      {fault !== undefined && <p>{say(fault.text)}</p>}
      {strain === "full" && <p>{t("tile.system.full")}</p>}
      {strain === "memory" && <p>{t("tile.system.memory")}</p>}
      {strain === "hot" && (
        <p>
          {t("tile.system.hot", {
            celsius: formatNumber(system?.latest.temperatureCelsius ?? 0),
          })}
        </p>
      )}
      {system !== undefined && isWell && (
        <p>{t("tile.system.up", { since: formatSince(system.bootedAt) })}</p>
      )}
    </Tile>
  );
}
