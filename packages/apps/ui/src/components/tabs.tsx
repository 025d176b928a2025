import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export interface Tab {
  readonly key: string;
  readonly title: string;
  readonly body: () => ComponentChildren;
}

/** Parts of a page side by side; arrow keys go from one to the next. */
export function Tabs(props: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const [chosen, choose] = useState(props.tabs[0]?.key);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    props.tabs.findIndex((tab) => tab.key === chosen),
  );
  const tab = props.tabs[at];
  const move = (step: number): void => {
    const next = (at + step + props.tabs.length) % props.tabs.length;
    choose(props.tabs[next]?.key);
    list.current?.querySelectorAll<HTMLButtonElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div class="tabs">
      <div
        role="tablist"
        aria-label={props.label}
        ref={list}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") move(1);
          if (event.key === "ArrowLeft") move(-1);
        }}
      >
        {props.tabs.map((one, index) => (
          <button
            key={one.key}
            type="button"
            role="tab"
            id={`${id}-tab-${index}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => choose(one.key)}
          >
            {one.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${at}`}>
        {tab?.body()}
      </div>
    </div>
  );
}
