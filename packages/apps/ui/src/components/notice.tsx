import type { Problem } from "@passerelle/api";
import type { ComponentChildren } from "preact";
import { say } from "../words/index.ts";
import { Icon } from "./icon.tsx";
import type { Status } from "./status-word.tsx";

/** A boxed sentence with its colour and icon. */
export function Notice(props: {
  readonly status: Status;
  readonly children: ComponentChildren;
  /** Read out at once where it appears after the page was drawn. */
  readonly alert?: boolean;
  readonly action?: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${props.status}`} role={props.alert === true ? "alert" : undefined}>
      <Icon name={props.status} />
      <div class="notice-text">{props.children}</div>
      {props.action !== undefined && <div class="notice-action">{props.action}</div>}
    </div>
  );
}

/** What the box answered, in its own sentence, with what to do next. */
export function ProblemNotice({ problem }: { readonly problem: Problem }) {
  return (
    <Notice status="fault" alert>
      <p>{say(problem.text)}</p>
      {problem.next !== undefined && <p>{say(problem.next)}</p>}
      {problem.errors?.map((error) => (
        <p key={error.path} class="small">
          <bdi>{error.path}</bdi> <bdi>{error.message}</bdi>
        </p>
      ))}
    </Notice>
  );
}
