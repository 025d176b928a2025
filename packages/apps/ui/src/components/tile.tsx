import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { type Status, StatusWord } from "./status-word.tsx";

/** One part of the home in words: its state, one sentence, one action. */
export function Tile(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly status: Status;
  readonly word?: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={`tile tile-${props.status}`} aria-labelledby={id}>
      <div class="tile-head">
        <Icon name={props.icon} class="tile-icon" />
        <h3 id={id}>{props.title}</h3>
        <StatusWord status={props.status}>{props.word}</StatusWord>
      </div>
      {props.children !== undefined && <div class="tile-text">{props.children}</div>}
      {props.action !== undefined && <div class="tile-action">{props.action}</div>}
    </section>
  );
}

/** A box with a heading: what most pages are made of. */
export function Card(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  /** The heading changes by itself: it is read out. */
  readonly live?: boolean;
}) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id} aria-live={props.live === true ? "polite" : undefined}>
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

/** Terms and what they are: `rows` without a value are left out. */
export function Facts(props: {
  readonly rows: readonly (readonly [string, ComponentChildren] | undefined)[];
}) {
  return (
    <dl class="facts">
      {props.rows.map((row) =>
        row === undefined ? null : (
          <div key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
