/** A small line without axes, beside its number. Gaps where nothing was measured. */
export function Sparkline(props: {
  readonly values: readonly (number | null)[];
  /** What a person who can't see it is told. */
  readonly summary: string;
}) {
  const width = 120;
  const height = 28;
  const top = Math.max(1, ...props.values.map((value) => value ?? 0));
  const step = width / Math.max(1, props.values.length - 1);
  let path = "";
  let pen = "M";
  for (const [index, value] of props.values.entries()) {
    if (value === null) {
      pen = "M";
      continue;
    }
    const y = height - 2 - (value / top) * (height - 4);
    path += `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={props.summary}>
      <path d={path} />
    </svg>
  );
}
