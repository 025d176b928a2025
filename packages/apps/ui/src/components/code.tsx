import "../styles/parts.css";

/** Text for machines, as it is; may be long, so it scrolls by itself and by the keyboard. */
export function Code({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="code-place" aria-label={label} tabIndex={0}>
      <pre class="code">
        <bdi>{children}</bdi>
      </pre>
    </section>
  );
}
