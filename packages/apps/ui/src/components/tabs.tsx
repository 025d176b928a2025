import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export interface Tab {
  readonly key: string;
  readonly title: string;
  readonly body: () => ComponentChildren;
}

/** Parts of a page side by side; arrow keys go from one to the next, Home and End to the ends. */
export function Tabs(props: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const [chosen, choose] = useState(props.tabs[0]?.key);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    props.tabs.findIndex((tab) => tab.key === chosen),
  );
  const tab = props.tabs[at];
  const go = (next: number): void => {
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
          const next = nextOf(event.key, at, props.tabs.length);
          if (next === undefined) return;
          event.preventDefault();
          go(next);
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

function nextOf(key: string, at: number, count: number): number | undefined {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}
