import { plainName } from "../core/plain-name.ts";

/** A name that a stranger chose: as text, on its own line direction, never wider than its place. */
export function Name({ children }: { readonly children: string }) {
  const text = plainName(children);
  return (
    <bdi class="name" title={text}>
      {text}
    </bdi>
  );
}
