/** As much of a route as says what it may answer. */
interface AnsweringRoute {
  readonly errors?: readonly string[];
}

/** Each code that a route of the API may answer is explained to people, or there is one problem sentence for it. */
export function undocumentedErrors(
  routes: readonly (readonly [string, AnsweringRoute])[],
  documented: ReadonlySet<string>,
): readonly string[] {
  return routes.flatMap(([key, { errors = [] }]) =>
    errors
      .filter((code) => !documented.has(code))
      .map((code) => `packages/bus/api: ${key} may answer "${code}", which no source explains`),
  );
}

/** A status of a code that nobody says is left over from one that was renamed. */
export function undocumentedStatuses(
  codes: readonly string[],
  documented: ReadonlySet<string>,
): readonly string[] {
  return codes
    .filter((code) => !documented.has(code))
    .map((code) => `packages/bus/api/src/statuses.ts: "${code}" is said by no source`);
}
