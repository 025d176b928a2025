import {
  lineAt,
  type ProjectFile,
  programOf,
  type Rule,
  type SyntaxNode,
  type Violation,
  walk,
} from "./tree.ts";

/** Two letters in a row: a word of some language. */
const WORD = /\p{L}{2}/u;
/** Attributes that people read or hear. */
const SPOKEN =
  /^(aria-(label|description|roledescription|placeholder|valuetext)|alt|title|placeholder|label|hint|text|word|summary|error|empty|go|caption)$/;
/** The same in every language: names of protocols and of what stands on a label. */
const NAMES = /^(TCP|UDP|IPv4|IPv6|DNS|DHCP|MAC|TCP\+UDP)$/;

export const wordsRule: Rule = {
  name: "words",
  about: "A page says nothing that is not in its words: no literal text in TSX.",
  check: (files) => files.filter(({ path }) => path.endsWith(".tsx")).flatMap(checkFile),
};

function checkFile(file: ProjectFile): Violation[] {
  const violations: Violation[] = [];
  const look = (node: SyntaxNode): void => {
    const text = textOf(node);
    if (text === undefined || !WORD.test(text) || NAMES.test(text.trim())) return;
    violations.push({
      rule: "words",
      path: file.path,
      line: lineAt(file.text, node.start),
      message: `says "${text.trim().slice(0, 40)}": put it into the words of both languages`,
    });
  };
  walk(programOf(file), (node) => {
    if (node.type === "JSXElement" || node.type === "JSXFragment") {
      for (const child of node.children as readonly SyntaxNode[]) spoken(child).forEach(look);
    }
    if (node.type === "JSXAttribute" && SPOKEN.test(nameOf(node))) {
      spoken(node.value as SyntaxNode | null).forEach(look);
    }
  });
  return violations;
}

/** The parts of an expression that end up before a reader: not conditions, not arguments. */
function spoken(node: SyntaxNode | null): readonly SyntaxNode[] {
  switch (node?.type) {
    case "JSXExpressionContainer":
      return spoken(node.expression as SyntaxNode);
    case "ConditionalExpression":
      return [...spoken(node.consequent as SyntaxNode), ...spoken(node.alternate as SyntaxNode)];
    case "LogicalExpression":
      // Of `a && b` only b is shown.
      return [
        ...(node.operator === "&&" ? [] : spoken(node.left as SyntaxNode)),
        ...spoken(node.right as SyntaxNode),
      ];
    case "BinaryExpression":
      if (node.operator !== "+") return [];
      return [...spoken(node.left as SyntaxNode), ...spoken(node.right as SyntaxNode)];
    case "TemplateLiteral":
      return node.quasis as readonly SyntaxNode[];
    case "JSXText":
    case "Literal":
      return [node];
    default:
      return [];
  }
}

function textOf(node: SyntaxNode): string | undefined {
  if (node.type === "TemplateElement") return (node.value as { readonly raw: string }).raw;
  return typeof node.value === "string" ? node.value : undefined;
}

function nameOf(attribute: SyntaxNode): string {
  const { name } = attribute.name as { readonly name?: unknown };
  return typeof name === "string" ? name : "";
}
