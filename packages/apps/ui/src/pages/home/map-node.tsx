import type { IconName } from "../../components/icon.tsx";
import { NODE_RADIUS, type Point } from "../../core/map-layout.ts";
import sprite from "../../icons.svg";

/** One of the two ends of the line. */
export function MapNode(props: {
  readonly at: Point;
  readonly icon: IconName;
  readonly label: string;
  readonly state: "up" | "limited" | "down" | "unknown";
}) {
  const { x, y } = props.at;
  const half = 14;
  return (
    <g class={`map-node map-node-${props.state}`}>
      <circle cx={x} cy={y} r={NODE_RADIUS} />
      <use
        class="map-icon"
        href={`${sprite}#${props.icon}`}
        x={x - half}
        y={y - half}
        width={2 * half}
        height={2 * half}
      />
      <text x={x} y={y - NODE_RADIUS - 10} text-anchor="middle" class="map-label">
        {props.label}
      </text>
    </g>
  );
}
