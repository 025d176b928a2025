/**
 * MAJOR.MINOR.PATCH; with "-something" it comes before that release, what follows "+" does not count. The board's own
 * check (board/common/rauc) reads them in the same way.
 */
const SHAPE =
  /^([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})(-[0-9a-z.-]{1,40})?(?:\+[0-9a-z.-]{1,40})?$/;

/** Undefined where either is no version. */
export function isNewer(offered: string, running: string): boolean | undefined {
  const [a, b] = [SHAPE.exec(offered), SHAPE.exec(running)];
  if (a === null || b === null) return undefined;
  for (const place of [1, 2, 3]) {
    const difference = Number(a[place]) - Number(b[place]);
    if (difference !== 0) return difference > 0;
  }
  // Two that come before the same release can't be told apart by their words.
  return b[4] !== undefined && a[4] === undefined;
}
