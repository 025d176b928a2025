import { useId } from "preact/hooks";
import "../styles/parts.css";

/** Any of few, all in sight, each with what it means. */
export function Checks<Value extends string>(props: {
  readonly label: string;
  readonly chosen: readonly Value[];
  readonly onChange: (chosen: readonly Value[]) => void;
  readonly options: readonly {
    readonly value: Value;
    readonly label: string;
    readonly hint?: string;
  }[];
}) {
  const id = useId();
  const toggle = (value: Value): void =>
    props.onChange(
      props.options
        .map((option) => option.value)
        .filter((one) => props.chosen.includes(one) !== (one === value)),
    );
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="checks">
        {props.options.map((option) => (
          <div class="check" key={option.value}>
            <input
              type="checkbox"
              id={`${id}-${option.value}`}
              checked={props.chosen.includes(option.value)}
              onChange={() => toggle(option.value)}
              aria-describedby={
                option.hint === undefined ? undefined : `${id}-${option.value}-hint`
              }
            />
            <label for={`${id}-${option.value}`}>{option.label}</label>
            {option.hint !== undefined && (
              <p class="hint" id={`${id}-${option.value}-hint`}>
                {option.hint}
              </p>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  );
}
