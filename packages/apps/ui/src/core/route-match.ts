export type Params = Readonly<Record<string, string>>;

/** `/devices/:id` against `/devices/a%20b` gives `{ id: "a b" }`; undefined where they do not fit. */
export function matchPath(pattern: string, path: string): Params | undefined {
  const wanted = segments(pattern);
  const given = segments(path);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      const decoded = decode(value);
      if (decoded === undefined) return undefined;
      params[part.slice(1)] = decoded;
    } else if (part !== value) return undefined;
  }
  return params;
}

/** The address of a page with its parts filled in. */
export function pathTo(pattern: string, params: Params = {}): string {
  const parts = segments(pattern).map((part) =>
    part.startsWith(":") ? encodeURIComponent(params[part.slice(1)] ?? "") : part,
  );
  return `/${parts.join("/")}`;
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
