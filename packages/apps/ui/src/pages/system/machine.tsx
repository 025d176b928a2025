import type { SystemState } from "@passerelle/contract";
import { useChannel } from "../../box/live.ts";
import { Card, Facts } from "../../components/tile.tsx";
import {
  clock,
  formatAgo,
  formatBytes,
  formatDateTime,
  formatDuration,
  formatPercent,
} from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { formatCelsius, formatMilliseconds } from "../../words/units.ts";

/** What the box is and how it is, in sentences; then the facts. */
export function Machine({ system }: { readonly system: SystemState }) {
  const now = useChannel("sample") ?? system.latest;
  return (
    <Card title={t("machine.title")}>
      <div class="stack">
        <p>
          {t("machine.up", { duration: formatDuration(clock.value - system.bootedAt) })}{" "}
          {t(`boot.${causeOf(system.bootCause)}`)}
        </p>
        <p class="live">
          {t("machine.cpu", { cpu: formatPercent(now.cpu) })}{" "}
          {t("machine.memory", {
            free: formatBytes(now.memoryAvailableBytes),
            total: formatBytes(now.memoryTotalBytes),
          })}{" "}
          {now.temperatureCelsius !== undefined &&
            t("machine.temperature", { degrees: formatCelsius(now.temperatureCelsius) })}
        </p>
        <Facts
          rows={[
            [t("machine.model"), system.model],
            [t("machine.version"), system.version],
            system.serial === undefined ? undefined : [t("machine.serial"), system.serial],
            [t("machine.hostname"), system.hostname],
            [t("machine.booted"), formatDateTime(system.bootedAt)],
            [t("machine.clock"), clockText(system.clock)],
            ...system.storage.map((one) => storageRow(one)),
          ]}
        />
      </div>
    </Card>
  );
}

const CAUSES = [
  "power",
  "person",
  "upgrade",
  "fallback",
  "factory_reset",
  "crash",
  "watchdog",
] as const;

function causeOf(cause: string): (typeof CAUSES)[number] | "unknown" {
  return CAUSES.find((one) => one === cause) ?? "unknown";
}

function clockText(time: SystemState["clock"]): string {
  if (time.kind === "unsynchronised") return t("machine.clock.bad");
  return t("machine.clock.good", {
    source: time.source,
    offset: formatMilliseconds(Math.abs(time.offsetMs)),
    ago: formatAgo(time.at),
  });
}

function storageRow(one: SystemState["storage"][number]) {
  const used = formatBytes(one.usedBytes);
  const total = formatBytes(one.totalBytes);
  const text = t("machine.storage.use", { used, total });
  return [
    t("machine.storage", { name: storageName(one.name) }),
    <span class="storage">
      {text}
      <meter
        value={one.usedBytes}
        max={Math.max(1, one.totalBytes)}
        high={one.totalBytes * 0.9}
        aria-label={text}
      />
    </span>,
  ] as const;
}

function storageName(name: string): string {
  const known = (["data", "system", "temporary"] as const).find((one) => one === name);
  return known === undefined ? name : t(`machine.storage.${known}`);
}
