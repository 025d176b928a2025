import type { Host } from "@passerelle/api";
import type { WanState } from "@passerelle/contract";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useChannel } from "../../box/live.ts";
import { Name } from "../../components/name.tsx";
import { Card } from "../../components/tile.tsx";
import {
  CHIP_HEIGHT,
  flowLevel,
  layOut,
  type MapGroup,
  NODE_RADIUS,
} from "../../core/map-layout.ts";
import { clock, formatRate } from "../../words/format.ts";
import { t } from "../../words/index.ts";
import { CHIP_CLIP, Chip, ChipLines } from "./map-chip.tsx";
import { MapNode } from "./map-node.tsx";

const WIDTH_FIRST = 640;

/** The picture of the home: operator, gateway, devices, and what flows between them now. */
export function HomeMap({ line }: { readonly line: WanState | undefined }) {
  const hosts = useChannel("hosts")?.hosts;
  const guests = useGuests();
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const now = clock.value;
  const layout = useMemo(
    () => layOut(hosts ?? [], guests, width, now),
    [hosts, guests.join(), width, Math.floor(now / 60_000)],
  );
  return (
    <Card title={t("map.title")}>
      <div class="map" ref={place}>
        <svg
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          width={layout.width}
          height={layout.height}
          aria-label={t("map.title")}
        >
          <clipPath id={CHIP_CLIP}>
            <rect
              width={Math.max(0, (layout.groups[0]?.chips[0]?.width ?? 0) - 8)}
              height={CHIP_HEIGHT}
            />
          </clipPath>
          <Line line={line} from={layout.internet.x} to={layout.gateway.x} y={layout.gateway.y} />
          {layout.groups.map((group) => (
            <ChipLines key={group.zone} chips={group.chips} />
          ))}
          <MapNode
            at={layout.internet}
            icon="internet"
            label={t("map.operator")}
            state={lineState(line)}
          />
          <MapNode at={layout.gateway} icon="gateway" label={t("map.gateway")} state="up" />
          {layout.groups.map((group) => (
            <Group key={group.zone} group={group} />
          ))}
        </svg>
      </div>
      <InWords line={line} hosts={hosts ?? []} guests={guests} />
    </Card>
  );
}

type LineState = "up" | "limited" | "down" | "unknown";

function lineState(line: WanState | undefined): LineState {
  switch (line?.reach.kind) {
    case "online":
      return "up";
    case "limited":
      return "limited";
    case "offline":
      return "down";
    default:
      return line?.cause === undefined ? "unknown" : "down";
  }
}

/** The line to the operator, with what goes through it. Apart, because it changes every second. */
function Line(props: {
  readonly line: WanState | undefined;
  readonly from: number;
  readonly to: number;
  readonly y: number;
}) {
  const sample = useChannel("sample");
  const state = lineState(props.line);
  const from = props.from + NODE_RADIUS;
  const to = props.to - NODE_RADIUS;
  const path = `M${from} ${props.y}H${to}`;
  const middle = (from + to) / 2;
  const isUp = state === "up" || state === "limited";
  const down = sample?.wanDownRate ?? 0;
  const up = sample?.wanUpRate ?? 0;
  return (
    <g>
      <path class={`map-line map-line-wan map-line-${state}`} d={path} />
      {isUp && <path class={`map-flow map-flow-${flowLevel(down)}`} d={path} />}
      {isUp && <path class={`map-flow map-flow-${flowLevel(up)} map-flow-back`} d={path} />}
      {isUp && sample !== undefined && (
        <>
          <text class="map-rate live" x={middle} y={props.y - 12}>
            {`↓ ${formatRate(down)}`}
          </text>
          <text class="map-rate live" x={middle} y={props.y + 22}>
            {`↑ ${formatRate(up)}`}
          </text>
        </>
      )}
      {state === "down" && (
        <g class="map-cut">
          <circle cx={middle} cy={props.y} r="13" />
          <path d={`M${middle - 5} ${props.y - 5}l10 10m0 -10l-10 10`} />
        </g>
      )}
    </g>
  );
}

function Group({ group }: { readonly group: MapGroup }) {
  const { frame } = group;
  return (
    <g>
      {frame !== undefined && (
        <rect
          class="map-frame"
          x={frame.x}
          y={frame.y}
          width={frame.width}
          height={frame.height}
          rx="12"
        />
      )}
      <text class="map-title" x={group.title.x} y={group.title.y}>
        {group.chips.length === 0
          ? t("map.nobody")
          : t(group.zone === "guest" ? "map.guest" : "map.home")}
      </text>
      {group.chips.map((chip) => (
        <Chip
          key={chip.content.kind === "device" ? chip.content.host.id : chip.content.kind}
          chip={chip}
        />
      ))}
    </g>
  );
}

function InWords(props: {
  readonly line: WanState | undefined;
  readonly hosts: readonly Host[];
  readonly guests: readonly string[];
}) {
  const [open, setOpen] = useState(false);
  return (
    <details class="in-words" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("map.as_text")}</summary>
      {open && <Words {...props} />}
    </details>
  );
}

function Words(props: Parameters<typeof InWords>[0]) {
  const sample = useChannel("sample");
  const isUp = lineState(props.line) === "up" || lineState(props.line) === "limited";
  const online = props.hosts.filter((host) => host.online);
  const isGuest = (host: Host): boolean => props.guests.includes(host.network ?? "");
  const groups = [
    [t("map.home"), online.filter((host) => !isGuest(host))],
    [t("map.guest"), online.filter(isGuest)],
  ] as const;
  return (
    <>
      <p>
        {isUp
          ? t("map.text.line.ok", {
              down: formatRate(sample?.wanDownRate ?? 0),
              up: formatRate(sample?.wanUpRate ?? 0),
            })
          : t("map.text.line.down")}
      </p>
      {groups.map(([network, members]) => (
        <div key={network}>
          <p>{t("map.text.group", { network, n: members.length })}</p>
          <ul>
            {members.map((host) => (
              <li key={host.id}>
                <a href={`/devices/${encodeURIComponent(host.id)}`}>
                  <Name>{host.name}</Name>
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function useGuests(): readonly string[] {
  const networks = useChannel("lan")?.networks ?? [];
  return networks.filter((network) => network.zone === "guest").map((network) => network.name);
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(WIDTH_FIRST);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => setWidth(Math.max(260, element.clientWidth)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return width;
}
