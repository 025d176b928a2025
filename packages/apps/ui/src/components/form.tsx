import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words/index.ts";

/** Field name → what is wrong with it. */
export type FormErrors = Readonly<Record<string, string | undefined>>;

/**
 * A form whose errors stand beside their fields and in a summary, which is read out. The first field that is wrong takes
 * the focus each time that errors are set anew: also when they are the same as before.
 */
export function Form(props: {
  readonly onSubmit: () => void;
  /** Keep it in a state: another object counts as another answer. */
  readonly errors?: FormErrors;
  /** For a form that comes where its button was: its first field takes the focus. */
  readonly takesFocus?: boolean;
  readonly children: ComponentChildren;
}) {
  const form = useRef<HTMLFormElement>(null);
  const summary = useRef<HTMLDivElement>(null);
  const wrong = Object.entries(props.errors ?? {}).filter(([, text]) => text !== undefined);
  useEffect(() => {
    if (wrong.length === 0) return;
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (first ?? summary.current)?.focus();
  }, [props.errors]);
  useEffect(() => {
    if (props.takesFocus === true)
      form.current?.querySelector<HTMLElement>("input:not([hidden]), select, textarea")?.focus();
  }, []);
  const goTo = (name: string): void => {
    const field = form.current?.elements.namedItem(name);
    if (field instanceof HTMLElement) field.focus();
  };
  return (
    <form
      ref={form}
      class="form"
      // What is wrong is said in our words and in the page's language.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {wrong.length > 0 && (
        <div class="error-summary" role="alert" tabIndex={-1} ref={summary}>
          <p>{t("form.errors", { n: wrong.length })}</p>
          <ul>
            {wrong.map(([name, text]) => (
              <li key={name}>
                <button type="button" class="link" onClick={() => goTo(name)}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {props.children}
    </form>
  );
}
