import { describe, expect, it } from "vitest";
import { INITIAL_CONTROL } from "./control.ts";
import type { OrangeLine } from "./orange.ts";
import { judge6, type Known4, readRequest6, TYPE6 } from "./orange6.ts";
import { Orange6Books, type PrefixPlan, writeAnswer6 } from "./orange6-books.ts";

// The concentrator judges our product, so it is judged first: by the operator's own message, and by each wrong option.

const LINE: OrangeLine = {
  ...{ login: "fti/xxxxxxx", password: "xxxxxxx", vendorClass: "sagem" },
  userClass: "FSVDSL_livebox.Internet.softathome.Livebox6",
};
const MAC = "02:70:61:00:00:01";
// source: the public test vector of community generators (Hequin0x/livebox-bypass-cli), as in orange.test.ts.
const AUTHENTICATION =
  "00000000000000000000001a0900000558010341010d6674692f787878787878783c1234363832623839383564313037393163031334b5a294fbaeb7680c04e738e9b349f33f";
const SERVER = "00030001027061000002";

/** What the box sends, option by option (operators.md 3.4). */
const BOX: Readonly<Record<number, string>> = {
  1: "00030001027061000001",
  6: "000b001100170018",
  8: "0000",
  11: AUTHENTICATION,
  15: "002b46535644534c5f6c697665626f782e496e7465726e65742e736f66746174686f6d652e4c697665626f7836",
  16: "0000040e0005736167656d",
  17: "000005580006000e495056365f524551554553544544",
  25: "000000010000000000000000",
};

type Change = Readonly<Record<number, string | undefined>>;

function message(type: number, change: Change = {}): Uint8Array {
  const options = Object.entries({ ...BOX, ...change }).flatMap(([code, value]) => {
    if (value === undefined) return [];
    const head = [Number(code), value.length / 2].map((n) => n.toString(16).padStart(4, "0"));
    return [head.join("") + value];
  });
  return Buffer.from(`${type.toString(16).padStart(2, "0")}abcdef${options.join("")}`, "hex");
}

function read(type: number, change: Change = {}) {
  const request = readRequest6(message(type, change));
  if (typeof request === "string") throw new Error(request);
  return request;
}

const known: Known4 = {
  standing: (mac, said) => (mac !== MAC ? "nobody" : said === AUTHENTICATION ? "current" : "stale"),
};
const judged = (change: Change) => judge6(read(TYPE6.solicit, change), LINE, known);

describe("a Solicit", () => {
  it("of the box is granted", () => {
    expect(judged({})).toEqual({ kind: "granted" });
  });

  it.each<readonly [string, Change]>([
    ["option_6_missing", { 6: undefined }],
    ["option_6_is_00170018", { 6: "00170018" }],
    ["option_11_missing", { 11: undefined }],
    ["option_11_length", { 11: `${AUTHENTICATION}00` }],
    ["option_15_is_2b46", { 15: "2b46" }],
    ["option_16_is_0000040e0005736167656e", { 16: "0000040e0005736167656e" }],
    ["option_17_missing", { 17: undefined }],
    ["option_25_unusable", { 25: undefined }],
    ["option_25_unusable", { 25: "0000000100000000" }],
    ["option_3_sent", { 3: "000000010000000000000000" }],
    ["option_39_sent", { 39: "00" }],
    ["option_20_sent", { 20: "" }],
    ["option_1_missing", { 1: undefined }],
    ["duid_llt", { 1: "0001000112345678027061000001" }],
    ["duid_is_00030006027061000001", { 1: "00030006027061000001" }],
    ["no_dhcpv4_of_this_mac", { 1: "00030001027061000077" }],
  ])("is not answered: %s", (reason, change) => {
    expect(judged(change)).toEqual({ kind: "silence", reason });
  });

  it("goes to the parking where the families do not agree, or both are wrong", () => {
    const other = AUTHENTICATION.replace("3436383262", "3436383263");
    expect(judged({ 11: other })).toEqual({ kind: "parked", reason: "option_11_is_not_option_90" });
    const both: Known4 = { standing: () => "current" };
    expect(judge6(read(TYPE6.solicit, { 11: other }), LINE, both)).toEqual({
      ...{ kind: "parked", reason: "wrong_password" },
    });
  });

  it("is not read when it is cut, wherever that is", () => {
    const whole = message(TYPE6.solicit);
    for (let length = 0; length < whole.length; length += 1) {
      const request = readRequest6(whole.subarray(0, length));
      const verdict = typeof request === "string" ? "silence" : judge6(request, LINE, known).kind;
      expect({ length, verdict }).toEqual({ length, verdict: "silence" });
    }
  });

  it("is not answered with an option twice", () => {
    const twice = Buffer.concat([message(TYPE6.solicit), Buffer.from("000800020000", "hex")]);
    const request = readRequest6(twice);
    expect(typeof request === "string" ? request : judge6(request, LINE, known)).toEqual({
      ...{ kind: "silence", reason: "option_8_twice" },
    });
  });
});

describe("the books", () => {
  const plan: PrefixPlan = {
    pool: ({ prefixSerial }) =>
      Buffer.from(`2a01cb0${prefixSerial % 2 === 0 ? "8" : "c"}${"0".repeat(24)}`, "hex"),
    server: Buffer.from(SERVER, "hex"),
    resolver: new Uint8Array(16),
  };
  const FIRST = "2a01:cb08:0:100:0:0:0:0/56";
  const association = (prefix: string) =>
    `000000010000000000000000001a0019${"0".repeat(16)}${prefix}`;
  const HELD = association(`382a01cb0800000100${"0".repeat(16)}`);

  function ask(books: Orange6Books, type: number, change: Change = {}, control = INITIAL_CONTROL) {
    const request = read(type, { 2: type === TYPE6.solicit ? undefined : SERVER, ...change });
    const answer = books.answer(request, judge6(request, LINE, books), control);
    if (answer.kind === "none") return answer.reason;
    const bytes = readRequest6(writeAnswer6(request, answer, plan, control));
    if (typeof bytes === "string") throw new Error(bytes);
    const [value = new Uint8Array()] = bytes.options.get(25) ?? [];
    return { type: bytes.type, association: Buffer.from(value).toString("hex"), answer };
  }
  function opened(): Orange6Books {
    const books = new Orange6Books(plan);
    books.heard4(MAC, AUTHENTICATION);
    return books;
  }

  it("gives the same /56 to the same line", () => {
    const books = opened();
    const offer = ask(books, TYPE6.solicit);
    expect(offer).toMatchObject({ type: TYPE6.advertise, answer: { over: [] } });
    const reply = ask(books, TYPE6.request);
    expect(reply).toMatchObject({ type: TYPE6.reply });
    expect(reply).toHaveProperty(
      "association",
      "000000010000070800000c4e001a001900000c4e00000e10382a01cb08000001000000000000000000",
    );
    expect(ask(books, TYPE6.renew, { 25: HELD })).toMatchObject({ answer: { over: [] } });
  });

  it("gives another one when told, and takes the old one back", () => {
    const books = opened();
    ask(books, TYPE6.request);
    const moved = { ...INITIAL_CONTROL, prefixSerial: 1 };
    const reply = ask(books, TYPE6.rebind, { 2: undefined, 25: HELD }, moved);
    expect(reply).toMatchObject({ answer: { over: [FIRST] } });
    expect(reply).toHaveProperty("association", expect.stringContaining("2a01cb0c00000100"));
  });

  it("knows no line that it did not serve, no other server's, and no release twice", () => {
    const books = opened();
    expect(ask(books, TYPE6.renew, { 25: HELD })).toMatchObject({
      answer: { refusal: "no_binding" },
    });
    expect(ask(books, TYPE6.request, { 2: "00030001027061000099" })).toBe("another_server");
    expect(ask(books, TYPE6.information)).toBe("message_type_11");
    expect(ask(books, TYPE6.solicit, {}, { ...INITIAL_CONTROL, silent: true })).toBe(
      "silent_by_control",
    );
    ask(books, TYPE6.request);
    expect(ask(books, TYPE6.release, { 25: HELD })).toMatchObject({ type: TYPE6.reply });
    expect(ask(books, TYPE6.release, { 25: HELD })).toMatchObject({
      answer: { refusal: "no_binding" },
    });
  });

  const NEXT = AUTHENTICATION.replace("3436383262", "3436383263");
  const refused = { answer: { refusal: "no_prefix" } };

  it("parks both families where DHCPv6 says what DHCPv4 said once, until it says what it says now", () => {
    const books = opened();
    books.heard4(MAC, NEXT);
    expect(ask(books, TYPE6.solicit)).toMatchObject(refused);
    expect(books.isDoubted(MAC)).toBe(true);
    books.heard4(MAC, AUTHENTICATION);
    expect(ask(books, TYPE6.solicit)).not.toMatchObject(refused);
    expect(books.isDoubted(MAC)).toBe(false);
  });

  it("waits twice for DHCPv4 to say the same, and parks who repeats it alone", () => {
    const books = new Orange6Books(plan);
    books.heard4(MAC, NEXT);
    expect(ask(books, TYPE6.solicit)).toBe("option_11_before_option_90");
    expect(ask(books, TYPE6.solicit)).toBe("option_11_before_option_90");
    expect(books.isDoubted(MAC)).toBe(false);
    expect(ask(books, TYPE6.solicit)).toMatchObject(refused);
    expect(books.isDoubted(MAC)).toBe(true);
    const other = new Orange6Books(plan);
    other.heard4(MAC, NEXT);
    ask(other, TYPE6.solicit);
    other.heard4(MAC, AUTHENTICATION);
    expect(ask(other, TYPE6.solicit)).not.toMatchObject(refused);
  });
});
