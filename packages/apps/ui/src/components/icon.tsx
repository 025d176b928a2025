import sprite from "../icons.svg";

export type IconName =
  | "ok"
  | "warning"
  | "fault"
  | "info"
  | "off"
  | "working"
  | "blocked"
  | "new"
  | "home"
  | "devices"
  | "internet"
  | "security"
  | "diagnostics"
  | "system"
  | "expert"
  | "more"
  | "help"
  | "close"
  | "search"
  | "menu"
  | "right"
  | "left"
  | "down"
  | "up"
  | "phone"
  | "tv"
  | "wifi"
  | "gateway"
  | "device"
  | "sort-up"
  | "sort-down";

/** A picture beside a word; says nothing by itself. */
export function Icon({
  name,
  class: more = "",
}: {
  readonly name: IconName;
  readonly class?: string;
}) {
  return (
    <svg class={`icon ${more}`} aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
