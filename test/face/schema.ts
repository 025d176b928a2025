/** As much of JSON Schema as the box's OpenAPI document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly pattern?: string;
}

/** Bodies that are right but for one text, which is `text`: one body for each text that the schema has. */
export function bodyOf(schema: Schema, text: string): readonly unknown[] {
  return alternatives(schema).flatMap((one): readonly unknown[] => {
    if (one.type === "string" && one.const === undefined && one.enum === undefined) return [text];
    if (one.type === "array") return bodyOf(one.items ?? {}, text).map((item) => [item]);
    if (one.type !== "object") return [];
    const properties = Object.entries(one.properties ?? {});
    // A record takes any key: the text is a key, and a value.
    if (properties.length === 0) return [{ [text]: text }];
    return properties.flatMap(([name, property]) =>
      bodyOf(property, text).map((value) => ({ ...(right(one) as object), [name]: value })),
    );
  });
}

/** Some value that the schema takes, as far as that can be seen from here. */
function right(schema: Schema): unknown {
  const [one = {}] = alternatives(schema);
  if (one.const !== undefined) return one.const;
  if (one.enum !== undefined) return one.enum[0];
  if (one.type === "boolean") return false;
  if (one.type === "integer" || one.type === "number") return one.minimum ?? 1;
  if (one.type === "array") return [right(one.items ?? {})];
  if (one.type === "string") return one.pattern?.includes("\\.") ? "192.168.1.20" : "word";
  const required = one.required ?? [];
  return Object.fromEntries(
    Object.entries(one.properties ?? {})
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => [name, right(property)]),
  );
}

function alternatives(schema: Schema): readonly Schema[] {
  const choice = schema.anyOf ?? schema.oneOf;
  return choice === undefined ? [schema] : choice.flatMap(alternatives);
}
