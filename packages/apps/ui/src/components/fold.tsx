import type { ComponentChildren } from "preact";
import "../styles/parts.css";

/** What few want to see, behind its name. */
export function Fold(props: {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
  readonly open?: boolean;
}) {
  return (
    <details class="fold" open={props.open}>
      <summary>{props.title}</summary>
      <div class="stack">{props.children}</div>
    </details>
  );
}
