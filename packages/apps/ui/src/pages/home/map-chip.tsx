import type { Host } from "@passerelle/api";
import { CHIP_HEIGHT, flowLevel, type MapChip } from "../../core/map-layout.ts";
import { plainName, shorten } from "../../core/plain-name.ts";
import sprite from "../../icons.svg";
import { formatRate } from "../../words/format.ts";
import { t } from "../../words/index.ts";

/** More moving lines than this are noise, and work for a phone. */
const FLOWS_MAX = 10;

/** Cuts off what is too wide for a chip, whatever the letters. */
export const CHIP_CLIP = "map-chip-clip";

/** The lines from the gateway to each chip, and what moves on them. */
export function ChipLines({ chips }: { readonly chips: readonly MapChip[] }) {
  const hosts = chips.flatMap(({ content, path }) =>
    content.kind === "device" && !content.host.blocked ? [{ host: content.host, path }] : [],
  );
  const busiest = [...hosts].sort((a, b) => rateOf(b.host) - rateOf(a.host)).slice(0, FLOWS_MAX);
  return (
    <g>
      {chips.map(({ content, path }) => (
        <path key={path} class={`map-line map-line-${stateOf(content)}`} d={path} />
      ))}
      {busiest.map(({ host, path }) => {
        const isDown = (host.downRate ?? 0) >= (host.upRate ?? 0);
        const level = flowLevel(rateOf(host));
        return level === 0 ? null : (
          <path
            key={host.id}
            class={`map-flow map-flow-${level} ${isDown ? "" : "map-flow-back"}`}
            d={path}
          />
        );
      })}
    </g>
  );
}

export function Chip({ chip }: { readonly chip: MapChip }) {
  const { content } = chip;
  const isDevice = content.kind === "device";
  const href = isDevice ? `/devices/${encodeURIComponent(content.host.id)}` : "/devices";
  const [first, second] = textsOf(content);
  return (
    <a href={href} class={`map-chip map-chip-${stateOf(content)}`}>
      <rect x={chip.x} y={chip.y} width={chip.width} height={CHIP_HEIGHT} rx="10" />
      <g transform={`translate(${chip.x} ${chip.y})`} clip-path={`url(#${CHIP_CLIP})`}>
        <use
          class="map-icon"
          href={`${sprite}#${iconOf(content)}`}
          x="12"
          y="14"
          width="20"
          height="20"
        />
        <text class="map-name" x="42" y={second === "" ? 29 : 21}>
          {shorten(first, Math.floor((chip.width - 50) / 9))}
        </text>
        <text class="map-second live" x="42" y="38">
          {second}
        </text>
      </g>
    </a>
  );
}

function textsOf(content: MapChip["content"]): readonly [string, string] {
  switch (content.kind) {
    case "more":
      return [t("map.more", { n: content.count }), ""];
    case "asleep":
      return [t("map.asleep", { n: content.count }), ""];
    case "device": {
      const { host } = content;
      const name = plainName(host.name);
      if (host.blocked) return [name, t("map.blocked")];
      const rate = rateText(host);
      return [name, content.fresh ? `${t("map.new")} · ${rate}` : rate];
    }
  }
}

function rateText(host: Host): string {
  if (rateOf(host) < 1) return t("map.quiet");
  const isDown = (host.downRate ?? 0) >= (host.upRate ?? 0);
  return `${isDown ? "↓" : "↑"} ${formatRate(rateOf(host))}`;
}

function rateOf(host: Host): number {
  return Math.max(host.downRate ?? 0, host.upRate ?? 0);
}

function stateOf(content: MapChip["content"]): "online" | "new" | "blocked" | "asleep" | "more" {
  if (content.kind !== "device") return content.kind;
  if (content.host.blocked) return "blocked";
  return content.fresh ? "new" : "online";
}

function iconOf(content: MapChip["content"]): string {
  const state = stateOf(content);
  if (state === "blocked" || state === "new") return state;
  if (state === "more") return "devices";
  return state === "asleep" ? "off" : "device";
}
