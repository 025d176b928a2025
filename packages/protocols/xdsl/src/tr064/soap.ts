import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** Longer bodies are not read: the two answers that we ask for have less than 2000 octets. */
const BODY_LENGTH_MAX = 64 * 1024;
const DEPTH_MAX = 8;
const ELEMENTS_MAX = 512;

/**
 * The text of each element of a SOAP body that has no elements below it, by its name without prefix. A strict reader of
 * this one flat shape: no document type, no processing but the XML declaration, no CDATA, no entities but the five of XML
 * and numbered ones. What is said twice is an error, because two readers could take different ones.
 */
export function decodeSoapFields(text: string): Result<ReadonlyMap<string, string>, DecodeError> {
  if (text.length > BODY_LENGTH_MAX) return err({ code: "xml_too_long", at: BODY_LENGTH_MAX });
  const fields = new Map<string, string>();
  const open: { readonly name: string; readonly textFrom: number; isLeaf: boolean }[] = [];
  let at = text.startsWith("<?xml") ? text.indexOf("?>") + 2 : 0;
  if (at === 1) return err({ code: "xml_truncated", at: 0 });
  for (let elements = 0; ; ) {
    const start = text.indexOf("<", at);
    if (start === -1) break;
    const between = text.slice(at, start);
    const top = open.at(-1);
    if (top === undefined ? between.trim() !== "" : between.includes(">")) {
      return err({ code: "xml_text", at });
    }
    TAG.lastIndex = start;
    const tag = TAG.exec(text);
    if (tag === null) return err({ code: "xml_tag", at: start });
    at = TAG.lastIndex;
    const name = tag[2] ?? "";
    if (tag[1] === "/") {
      if (top === undefined || top.name !== name) return err({ code: "xml_nesting", at: start });
      open.pop();
      const read = top.isLeaf
        ? takeField(fields, name, text.slice(top.textFrom, start), start)
        : undefined;
      if (read !== undefined) return read;
      if (open.length === 0)
        return text.slice(at).trim() === "" ? ok(fields) : err({ code: "xml_text", at });
      continue;
    }
    elements += 1;
    if (elements > ELEMENTS_MAX) return err({ code: "xml_too_many", at: start });
    if (top !== undefined) top.isLeaf = false;
    if (tag[4] === "/") {
      const read = takeField(fields, name, "", start);
      if (read !== undefined) return read;
      continue;
    }
    if (open.length >= DEPTH_MAX) return err({ code: "xml_too_deep", at: start });
    open.push({ name, textFrom: at, isLeaf: true });
  }
  return err({ code: "xml_truncated", at: text.length });
}

type Failure = { readonly ok: false; readonly error: DecodeError };

/** Undefined where the field was taken. */
function takeField(
  fields: Map<string, string>,
  name: string,
  raw: string,
  at: number,
): Failure | undefined {
  const local = name.slice(name.indexOf(":") + 1);
  const value = plainText(raw);
  if (value === undefined) return err({ code: "xml_entity", at });
  if (fields.has(local)) return err({ code: "xml_twice", at });
  fields.set(local, value.trim());
  return undefined;
}

function plainText(text: string): string | undefined {
  if (!text.includes("&")) return text;
  let isKnown = true;
  const plain = text.replace(/&([^;&]{0,10});?/g, (whole, entity: string) => {
    const character = whole.endsWith(";") ? characterOf(entity) : undefined;
    if (character === undefined) isKnown = false;
    return character ?? "";
  });
  return isKnown ? plain : undefined;
}

function characterOf(entity: string): string | undefined {
  const named = ENTITIES.get(entity);
  if (named !== undefined) return named;
  const match = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** A tag: closing slash, name, attributes with quoted values, slash of an empty element. */
const TAG =
  /<(\/?)([A-Za-z_][\w.-]{0,60}(?::[A-Za-z_][\w.-]{0,60})?)((?:\s{1,8}[A-Za-z_][\w.:-]{0,60}="[^"<]{0,300}"){0,8})\s{0,8}(\/?)>/y;
