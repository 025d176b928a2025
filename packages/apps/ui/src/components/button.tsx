import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

type Kind = "primary" | "plain" | "danger" | "quiet";

export function Button(props: {
  readonly children: ComponentChildren;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: Kind;
  readonly icon?: IconName;
  readonly type?: "button" | "submit";
  /** Something runs: shown, and not to be pressed again. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly describedBy?: string;
  /** Where many buttons read alike: which one this is. It begins with the visible words, or holds them. */
  readonly label?: string;
}) {
  const busy = props.busy === true;
  return (
    <button
      type={props.type ?? "button"}
      class={`button button-${props.kind ?? "plain"}`}
      onClick={busy ? undefined : props.onClick}
      disabled={props.disabled === true}
      aria-disabled={busy ? "true" : undefined}
      aria-describedby={props.describedBy}
      aria-label={props.label}
    >
      {busy ? <Icon name="working" class="turning" /> : props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </button>
  );
}

/** A button that shows only an icon; `label` is its name. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly expanded?: boolean;
  readonly controls?: string;
  readonly class?: string;
}) {
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ""}`}
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
    >
      <Icon name={props.icon} />
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink(props: {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly kind?: Kind;
  readonly icon?: IconName;
  /** The browser keeps the answer as a file. */
  readonly download?: string;
}) {
  return (
    <a class={`button button-${props.kind ?? "plain"}`} href={props.href} download={props.download}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </a>
  );
}
