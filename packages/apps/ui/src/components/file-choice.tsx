import { type FieldBase, FieldFrame } from "./field.tsx";

/** A file of the person's device. */
export function FileChoice(
  props: FieldBase & { readonly accept: string; readonly onChoose: (file: File) => void },
) {
  return (
    <FieldFrame {...props}>
      {({ id, describedBy }) => (
        <input
          type="file"
          id={id}
          name={props.name}
          accept={props.accept}
          aria-describedby={describedBy}
          aria-invalid={props.error === undefined ? undefined : "true"}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) props.onChoose(file);
          }}
        />
      )}
    </FieldFrame>
  );
}
