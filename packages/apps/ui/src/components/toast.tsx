import { signal } from "@preact/signals";
import { t } from "../words/index.ts";
import { Button, IconButton } from "./button.tsx";
import { type Status, StatusWord } from "./status-word.tsx";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly status: Status;
  readonly undo: (() => void) | undefined;
}

const toasts = signal<readonly Toast[]>([]);
const AT_ONCE = 3;
const STAYS_MS = 8_000;
let last = 0;

/** Says that something is done, without taking the focus. With `undo` it offers the way back. */
export function toast(text: string, options: { status?: Status; undo?: () => void } = {}): void {
  last += 1;
  const id = last;
  const one: Toast = { id, text, status: options.status ?? "ok", undo: options.undo };
  toasts.value = [...toasts.value, one].slice(-AT_ONCE);
  // Who reads slowly still finds what can be undone.
  leaveAfter(id, options.undo === undefined ? STAYS_MS : STAYS_MS * 3);
}

/** Nothing goes from under the hand of who has just reached it by the keyboard. */
function leaveAfter(id: number, ms: number): void {
  setTimeout(() => {
    if (document.querySelector(".toasts :focus") === null) dismiss(id);
    else leaveAfter(id, STAYS_MS);
  }, ms);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function Toasts() {
  return (
    <section class="toasts" aria-label={t("toast.label")} aria-live="polite">
      {toasts.value.map((one) => (
        <div class="toast" key={one.id}>
          <StatusWord status={one.status}>{one.text}</StatusWord>
          {one.undo !== undefined && (
            <Button
              kind="quiet"
              onClick={() => {
                dismiss(one.id);
                one.undo?.();
              }}
            >
              {t("action.undo")}
            </Button>
          )}
          <IconButton icon="close" label={t("action.dismiss")} onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </section>
  );
}
