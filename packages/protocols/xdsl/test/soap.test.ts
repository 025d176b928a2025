import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeSoapFields } from "../src/index.ts";
import { fixture, value } from "./fixture.ts";

const read = (text: string): Record<string, string> =>
  Object.fromEntries(value(decodeSoapFields(text)));
const code = (text: string): string => {
  const decoded = decodeSoapFields(text);
  return decoded.ok ? "ok" : decoded.error.code;
};

test("leaves are fields, prefixes and attributes are not", () => {
  expect(read('<?xml version="1.0"?>\n<s:a xmlns:s="u"><s:b> 1 </s:b><c/><d></d></s:a>\n')).toEqual(
    {
      b: "1",
      c: "",
      d: "",
    },
  );
});

test("the five entities and numbered ones are read, no others", () => {
  expect(read("<a><b>&lt;&amp;&#65;&#x42;&quot;&apos;&gt;</b></a>").b).toBe(`<&AB"'>`);
  expect(code("<a><b>&file;</b></a>")).toBe("xml_entity");
  expect(code("<a><b>&#0;</b></a>")).toBe("xml_entity");
  expect(code("<a><b>&#x110000;</b></a>")).toBe("xml_entity");
  expect(code("<a><b>a & b</b></a>")).toBe("xml_entity");
  expect(code("<a><b>&lt</b></a>")).toBe("xml_entity");
});

test.each([
  ["<a><b>1</b><b>2</b></a>", "xml_twice"],
  ["<a><b>1</a></b>", "xml_nesting"],
  ["</a>", "xml_nesting"],
  ["<a><b>1</b>", "xml_truncated"],
  ["", "xml_truncated"],
  ["<?xml ", "xml_truncated"],
  ["<!DOCTYPE a><a/>", "xml_tag"],
  ["<a><![CDATA[1]]></a>", "xml_tag"],
  ["<a><!-- 1 --></a>", "xml_tag"],
  ["<a b=c></a>", "xml_tag"],
  ["x<a></a>", "xml_text"],
  ["<a></a>x", "xml_text"],
  [`${"<a>".repeat(9)}`, "xml_too_deep"],
  [
    `<a>${"<b/>".repeat(1)}${Array.from({ length: 600 }, (_, i) => `<c${i}/>`).join("")}</a>`,
    "xml_too_many",
  ],
  [" ".repeat(70_000), "xml_too_long"],
])("refuses %j", (text, expected) => {
  expect(code(text)).toBe(expected);
});

test("a body that is cut is refused at every octet", () => {
  const text = fixture("tr064-fritzbox-vdsl.xml").trimEnd();
  for (let length = 0; length < text.length; length += 1) {
    expect(decodeSoapFields(text.slice(0, length)).ok).toBe(false);
  }
});

test("any text gives a result", () => {
  const piece = fc.constantFrom(
    "<a>",
    "</a>",
    "<b",
    "/>",
    "&lt;",
    "&",
    ">",
    '="x"',
    " ",
    "x",
    "<?xml ?>",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      decodeSoapFields(pieces.join(""));
    }),
  );
});
