import type { ComponentChildren } from "preact";
import { t } from "../words/index.ts";
import { Icon, type IconName } from "./icon.tsx";

export type Status = "ok" | "warning" | "fault" | "info" | "off" | "working";

/** A state as icon and word: never by colour alone. Without children it says the plain word. */
export function StatusWord(props: {
  readonly status: Status;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}) {
  return (
    <span class={`status status-${props.status}`}>
      <Icon name={props.icon ?? props.status} />
      <span>{props.children ?? t(`status.${props.status}`)}</span>
    </span>
  );
}
