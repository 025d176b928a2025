import { type FieldBase, FieldFrame } from "./field.tsx";

/** Several lines of text: one name, address or word on each. */
export function TextArea(
  props: FieldBase & {
    readonly value: string;
    readonly onInput: (value: string) => void;
    readonly rows?: number;
    readonly maxLength?: number;
  },
) {
  return (
    <FieldFrame {...props}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          name={props.name}
          rows={props.rows ?? 4}
          maxLength={props.maxLength}
          spellcheck={false}
          autocomplete="off"
          aria-describedby={describedBy}
          aria-invalid={props.error === undefined ? undefined : "true"}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
      )}
    </FieldFrame>
  );
}
