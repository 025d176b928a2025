import type { ComponentChildren, TargetedEvent } from "preact";
import { useId, useState } from "preact/hooks";
import { t } from "../words/index.ts";
import { Icon } from "./icon.tsx";

export interface FieldBase {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the value; read with the field. */
  readonly error?: string | undefined;
  /** Names the field for the error summary of its form. */
  readonly name: string;
}

interface FieldProps extends FieldBase {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "password";
  readonly autocomplete?: string;
  readonly maxLength?: number;
  readonly required?: boolean;
  readonly inputMode?: "numeric" | "text";
  readonly spellcheck?: boolean;
}

/** One line of text. */
export function Field(props: FieldProps) {
  const [shown, setShown] = useState(false);
  const isPassword = props.type === "password";
  return (
    <FieldFrame {...props}>
      {({ id, describedBy }) => (
        <span class="field-line">
          {isPassword && !shown ? (
            <input type="password" {...attributes(props, id, describedBy)} />
          ) : (
            <input type="text" {...attributes(props, id, describedBy)} />
          )}
          {isPassword && (
            <label class="show-password">
              <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />
              <span>{t("form.show_password")}</span>
            </label>
          )}
        </span>
      )}
    </FieldFrame>
  );
}

function attributes(props: FieldProps, id: string, describedBy: string | undefined) {
  return {
    id,
    name: props.name,
    value: props.value,
    onInput: (event: TargetedEvent<HTMLInputElement>) => props.onInput(event.currentTarget.value),
    "aria-describedby": describedBy,
    "aria-invalid": props.error === undefined ? undefined : ("true" as const),
    autocomplete: props.autocomplete ?? "off",
    maxLength: props.maxLength,
    required: props.required,
    inputMode: props.inputMode,
    spellcheck: props.spellcheck ?? false,
  };
}

export function Select<Value extends string>(
  props: FieldBase & {
    readonly value: Value;
    readonly onChange: (value: Value) => void;
    readonly options: readonly { readonly value: Value; readonly label: string }[];
  },
) {
  const change = (text: string): void => {
    const option = props.options.find((one) => one.value === text);
    if (option !== undefined) props.onChange(option.value);
  };
  return (
    <FieldFrame {...props}>
      {({ id, describedBy }) => (
        <select
          id={id}
          name={props.name}
          value={props.value}
          onChange={(event) => change(event.currentTarget.value)}
          aria-describedby={describedBy}
          aria-invalid={props.error === undefined ? undefined : "true"}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </FieldFrame>
  );
}

/** On or off, at once: for what needs no "Apply". */
export function Switch(props: {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={props.checked}
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
      />
      <label for={id}>{props.label}</label>
      {props.hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

/** One of few, all in sight. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly name: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="choice-options">
        {props.options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={option.value === props.value}
              onChange={() => props.onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function FieldFrame(
  props: FieldBase & {
    readonly children: (ids: {
      readonly id: string;
      readonly describedBy: string | undefined;
    }) => ComponentChildren;
  },
) {
  const id = useId();
  const parts = [
    props.error === undefined ? undefined : `${id}-error`,
    props.hint === undefined ? undefined : `${id}-hint`,
  ].filter((part) => part !== undefined);
  return (
    <div class={`field ${props.error === undefined ? "" : "field-wrong"}`}>
      <label for={id}>{props.label}</label>
      {props.hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.children({ id, describedBy: parts.length === 0 ? undefined : parts.join(" ") })}
      {props.error !== undefined && (
        <p class="error" id={`${id}-error`}>
          <Icon name="fault" />
          <span>{props.error}</span>
        </p>
      )}
    </div>
  );
}
