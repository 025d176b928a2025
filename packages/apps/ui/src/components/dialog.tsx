import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../words/index.ts";
import { Button, IconButton } from "./button.tsx";
import { focusNear, pathOf } from "./focus.ts";

/**
 * A native modal dialog. It stands as long as it is rendered; when it goes, the focus goes back to where it was.
 * Without `onClose` it can't be left: for what must come to an end first.
 */
export function Dialog(props: {
  readonly title: string;
  readonly onClose?: (() => void) | undefined;
  readonly children: ComponentChildren;
  readonly footer?: ComponentChildren;
  /** "side" slides in from the edge: help. */
  readonly kind?: "centre" | "side";
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const body = useScrolled(id);
  useEffect(() => {
    const before = pathOf(document.activeElement);
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      focusNear(before);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog dialog-${props.kind ?? "centre"}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
      onKeyDown={(event) => {
        // A second Escape closes what a page forbids to close, so that no page holds a person: here the box must.
        if (event.key === "Escape" && props.onClose === undefined) event.preventDefault();
      }}
      onClose={() => {
        // Whatever else closed it (the back key of a phone): what is not over stays in sight.
        if (dialog.current?.open !== false) return;
        if (props.onClose === undefined) dialog.current.showModal();
        else props.onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        {props.onClose !== undefined && (
          <IconButton icon="close" label={t("action.close")} onClick={props.onClose} />
        )}
      </div>
      <div class="dialog-body" ref={body}>
        {props.children}
      </div>
      {props.footer !== undefined && <div class="dialog-foot">{props.footer}</div>}
    </dialog>
  );
}

/** Content that is longer than its room can be reached, and so scrolled, by the keyboard. */
function useScrolled(labelId: string) {
  const body = useRef<HTMLDivElement>(null);
  const look = (): void => {
    const element = body.current;
    if (element === null) return;
    const isLong = element.scrollHeight > element.clientHeight;
    for (const [name, value] of [
      ["tabindex", "0"],
      ["role", "group"],
      ["aria-labelledby", labelId],
    ] as const) {
      if (isLong) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  };
  // What is in it comes later, or changes.
  useEffect(look);
  useEffect(() => {
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, []);
  return body;
}

/** Asks before something that can't be taken back easily. */
export function Confirm(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly go: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly onGo: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t("action.cancel")}</Button>
          <Button
            kind={props.danger === true ? "danger" : "primary"}
            busy={props.busy === true}
            onClick={props.onGo}
          >
            {props.go}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  );
}
