import { isRecord, type JsonRecord, listOf, recordOf, textOf } from "./json-value.ts";
import { exampleOf, schemaText } from "./schema-text.ts";

/** One operation of the API document, made ready for a person who reads. */
export interface OperationView {
  /** "GET /hosts/{id}". */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: string;
  readonly stepUp: boolean;
  readonly parameters: readonly ParameterView[];
  readonly body: string | undefined;
  readonly answers: readonly AnswerView[];
  readonly curl: string;
}

export interface ParameterView {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly schema: string;
}

/** An answer; that of an error has no shape of its own: they are all alike. */
export interface AnswerView {
  readonly status: string;
  readonly about: string;
  readonly schema: string | undefined;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** Every operation of the document, in its order. `origin` is where this box is found. */
export function operationsOf(document: unknown, origin: string): readonly OperationView[] {
  const root = recordOf(document);
  const server = textOf(recordOf(listOf(root.servers)[0]).url) ?? "";
  const components = recordOf(root.components);
  return Object.entries(recordOf(root.paths)).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = recordOf(item)[method];
      if (!isRecord(operation)) return [];
      return [viewOf(method.toUpperCase(), path, operation, `${origin}${server}`, components)];
    }),
  );
}

/** Operations that hold every word, by tag in the order of the document. */
export function searched(
  operations: readonly OperationView[],
  search: string,
): ReadonlyMap<string, readonly OperationView[]> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const byTag = new Map<string, OperationView[]>();
  for (const one of operations) {
    const text = `${one.key} ${one.tag} ${one.summary} ${one.access}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    byTag.set(one.tag, [...(byTag.get(one.tag) ?? []), one]);
  }
  return byTag;
}

function viewOf(
  method: string,
  path: string,
  operation: JsonRecord,
  base: string,
  components: JsonRecord,
): OperationView {
  const schemas = recordOf(components.schemas);
  const body = contentOf(operation.requestBody);
  const access = textOf(operation["x-capability"]) ?? "";
  return {
    key: `${method} ${path}`,
    method,
    path,
    tag: textOf(listOf(operation.tags)[0]) ?? "",
    summary: textOf(operation.summary) ?? "",
    access,
    stepUp: operation["x-step-up"] === true,
    parameters: listOf(operation.parameters).map((one) =>
      parameterOf(resolved(one, components), schemas),
    ),
    body: body === undefined ? undefined : schemaText(body, schemas),
    answers: Object.entries(recordOf(operation.responses)).map(([status, answer]) => {
      const known = resolved(answer, components);
      const schema = contentOf(known);
      const isError = !/^[123]/.test(status);
      return {
        status,
        about: textOf(known.description) ?? "",
        schema: schema === undefined || isError ? undefined : schemaText(schema, schemas),
      };
    }),
    curl: curlOf(method, `${base}${path}`, access !== "public", body),
  };
}

function parameterOf(parameter: JsonRecord, schemas: JsonRecord): ParameterView {
  return {
    name: textOf(parameter.name) ?? "",
    place: textOf(parameter.in) ?? "",
    required: parameter.required === true,
    schema: schemaText(parameter.schema, schemas),
  };
}

/** `{"$ref": "#/components/parameters/Name"}` stands for what has that name. */
function resolved(value: unknown, components: JsonRecord): JsonRecord {
  const record = recordOf(value);
  const [, kind, name] = /^#\/components\/(\w+)\/(\w+)$/.exec(textOf(record.$ref) ?? "") ?? [];
  if (kind === undefined || name === undefined) return record;
  return recordOf(recordOf(components[kind])[name]);
}

function contentOf(holder: unknown): unknown {
  const content = Object.values(recordOf(recordOf(holder).content))[0];
  return content === undefined ? undefined : recordOf(content).schema;
}

/** A line for a shell; what is to be filled in stands in capitals. */
function curlOf(method: string, url: string, isGuarded: boolean, body: unknown): string {
  const address = url.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const parts = ["curl"];
  if (method !== "GET") parts.push("-X", method);
  if (isGuarded) parts.push("-H", '"Authorization: Bearer $TOKEN"');
  if (body !== undefined) {
    parts.push("-H", quoted("Content-Type: application/json"));
    parts.push("-d", quoted(JSON.stringify(exampleOf(body))));
  }
  return [...parts, quoted(address)].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
