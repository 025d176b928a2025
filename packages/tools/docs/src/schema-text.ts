/**
 * Renders a schema of the contract as text that a person reads: the shape in the manner of TypeScript,
 * limits as comments. It looks at the schema object itself, so that it can't drift from what is checked.
 */
export function schemaText(
  schema: unknown,
  names: ReadonlyMap<unknown, string> = new Map(),
): string {
  return render(asNode(schema), { names, indent: "", depth: 0 });
}

interface Context {
  readonly names: ReadonlyMap<unknown, string>;
  readonly indent: string;
  readonly depth: number;
}

/** What all schemas and actions of valibot share, as far as we look. */
interface Node {
  readonly type: string;
  readonly kind?: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly items?: readonly Node[];
  readonly key?: Node;
  readonly value?: Node;
  readonly wrapped?: Node;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly default?: unknown;
  readonly requirement?: unknown;
  readonly message?: unknown;
}

const DEPTH_MAX = 16;

function asNode(value: unknown): Node {
  if (typeof value === "object" && value !== null && "type" in value) return value as Node;
  throw new Error("not a schema");
}

function render(node: Node, context: Context): string {
  const name = context.names.get(node);
  if (name !== undefined) return name;
  if (context.depth > DEPTH_MAX) return "…";
  const limits = limitsOf(node);
  const text = renderType(node, { ...context, depth: context.depth + 1 });
  return limits === "" ? text : `${text} /* ${limits} */`;
}

function renderType(node: Node, context: Context): string {
  switch (node.type) {
    case "object":
    case "strict_object":
    case "loose_object":
      return renderObject(node.entries ?? {}, context);
    case "array":
      return `${parenthesised(render(asNode(node.item), context))}[]`;
    case "tuple":
    case "strict_tuple":
      return `[${(node.items ?? []).map((item) => render(item, context)).join(", ")}]`;
    case "record":
      return `{ [${render(asNode(node.key), context)}]: ${render(asNode(node.value), context)} }`;
    case "union":
    case "variant":
      return renderUnion((node.options ?? []).map(asNode), context);
    case "picklist":
      return (node.options ?? []).map((option) => JSON.stringify(option)).join(" | ");
    case "literal":
      return JSON.stringify(node.literal);
    case "optional":
    case "exact_optional":
    case "nullish":
    case "undefinedable":
      return render(asNode(node.wrapped), context);
    case "nullable":
      return `${render(asNode(node.wrapped), context)} | null`;
    default:
      return node.type;
  }
}

/** On one line where every option is a word; else one line each. */
function renderUnion(options: readonly Node[], context: Context): string {
  const texts = options.map((option) => render(option, deeper(context, "    ")));
  if (texts.every((text) => !text.includes("\n"))) return texts.join(" | ");
  return texts.map((text) => `\n${context.indent}  | ${text}`).join("");
}

function renderObject(entries: Readonly<Record<string, Node>>, context: Context): string {
  const keys = Object.entries(entries);
  if (keys.length === 0) return "{}";
  const inner = deeper(context, "  ");
  const lines = keys.map(([key, entry]) => {
    const isOptional = /optional|nullish|undefinedable/.test(entry.type);
    const preset =
      entry.default === undefined ? "" : ` /* default ${JSON.stringify(entry.default)} */`;
    const text = `${inner.indent}${key}${isOptional ? "?" : ""}: ${render(entry, inner)}${preset}`;
    // A union begins on a line of its own.
    return text.replace(": \n", ":\n");
  });
  return `{\n${lines.join("\n")}\n${context.indent}}`;
}

function deeper(context: Context, by: string): Context {
  return { ...context, indent: context.indent + by };
}

function parenthesised(text: string): string {
  return text.includes(" | ") && !text.startsWith("{") ? `(${text})` : text;
}

/** The actions behind a pipe, in words. */
function limitsOf(node: Node): string {
  return (node.pipe ?? [])
    .slice(1)
    .map((action) => limitText(action))
    .filter((text) => text !== "")
    .join(", ");
}

function limitText({ type, requirement, message }: Node): string {
  if (typeof message === "string") return message;
  const number = typeof requirement === "number" ? String(requirement) : "";
  switch (type) {
    case "integer":
      return "whole";
    case "min_value":
      return `at least ${number}`;
    case "max_value":
      return `at most ${number}`;
    case "min_length":
      return `${number} or more`;
    case "max_length":
      return `${number} at most`;
    case "length":
      return `exactly ${number}`;
    case "regex":
      return String(requirement);
    case "check":
    case "transform":
    case "raw_check":
    case "readonly":
      return "";
    default:
      return type.replaceAll("_", " ");
  }
}
