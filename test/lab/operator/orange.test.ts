import { describe, expect, it } from "vitest";
import { INITIAL_CONTROL, type OperatorControl } from "./control.ts";
import { judge, judgeAuthentication, type OrangeLine, readRequest, TYPE } from "./orange.ts";
import { type LeasePlan, OrangeBooks, writeAnswer } from "./orange-leases.ts";

// The concentrator judges our product, so it is judged first: by the two published vectors, and by each wrong octet.

const USER_CLASS = "FSVDSL_livebox.Internet.softathome.Livebox6";

function line(login: string, password: string): OrangeLine {
  return { login, password, vendorClass: "sagem", userClass: USER_CLASS };
}

const ascii = (text: string) => Buffer.from(text, "latin1").toString("hex");
const HEADER = "00".repeat(11);
const VENDOR = "1a0900000558010341";

// source: the two public test vectors of community generators (Hequin0x/livebox-bypass-cli), recomputed.
const VECTORS = [
  {
    name: "fti/xxxxxxx, salt 4682b8985d10791c, id '4'",
    line: line("fti/xxxxxxx", "xxxxxxx"),
    auth: `${HEADER}${VENDOR}010d${ascii("fti/xxxxxxx")}3c12${ascii("4682b8985d10791c")}031334b5a294fbaeb7680c04e738e9b349f33f`,
  },
  {
    name: "fti/login, salt 1234567890123456, id 'A'",
    line: line("fti/login", "password"),
    auth: `${HEADER}${VENDOR}010b${ascii("fti/login")}3c12${ascii("1234567890123456")}0313416324d17241350c0c74f222e3e7cdc13c`,
  },
];

describe("option 90", () => {
  for (const vector of VECTORS) {
    const auth = Buffer.from(vector.auth, "hex");
    const login = 22;
    const loginEnd = login + vector.line.login.length;
    // User-Name, the challenge, the identifier and the digest are what identifiers are made of.
    const isIdentity = (at: number) =>
      (at >= login && at < loginEnd) ||
      (at >= loginEnd + 2 && at < loginEnd + 18) ||
      at >= loginEnd + 20;

    it(`accepts ${vector.name}`, () => {
      expect(judgeAuthentication(auth, vector.line)).toEqual({ kind: "granted" });
    });

    it(`parks or ignores each wrong octet of ${vector.name}`, () => {
      for (let at = 0; at < auth.length; at += 1) {
        const wrong = Uint8Array.from(auth);
        wrong[at] = (wrong[at] ?? 0) ^ 0x01;
        const { kind } = judgeAuthentication(wrong, vector.line);
        expect({ at, kind }).toEqual({ at, kind: isIdentity(at) ? "parked" : "silence" });
      }
    });

    it(`ignores ${vector.name} when it is cut or goes on`, () => {
      for (let length = 0; length < auth.length; length += 1) {
        expect(judgeAuthentication(auth.subarray(0, length), vector.line).kind).toBe("silence");
      }
      expect(judgeAuthentication(Buffer.concat([auth, Buffer.of(0)]), vector.line).kind).toBe(
        "silence",
      );
    });
  }

  it("parks a wrong password and an unknown login", () => {
    const auth = Buffer.from(VECTORS[0]?.auth ?? "", "hex");
    expect(judgeAuthentication(auth, line("fti/xxxxxxx", "yyyyyyy"))).toEqual({
      kind: "parked",
      reason: "wrong_password",
    });
    expect(judgeAuthentication(auth, line("fti/xxxxxxy", "xxxxxxx"))).toEqual({
      kind: "parked",
      reason: "unknown_login",
    });
  });

  it("ignores an empty login", () => {
    const auth = `${HEADER}${VENDOR}01023c12${"30".repeat(16)}0313${"00".repeat(17)}`;
    expect(judgeAuthentication(Buffer.from(auth, "hex"), line("", "x"))).toEqual({
      kind: "silence",
      reason: "option_90_length",
    });
  });

  it("ignores the forms that were refused since 2022: login alone, and without CHAP", () => {
    const old = `${HEADER}${ascii("fti/xxxxxxx")}`;
    const without = `${HEADER}${VENDOR}010d${ascii("fti/xxxxxxx")}`;
    for (const form of [old, without]) {
      expect(
        judgeAuthentication(Buffer.from(form, "hex"), line("fti/xxxxxxx", "xxxxxxx")).kind,
      ).toBe("silence");
    }
  });
});

const LINE = line("fti/xxxxxxx", "xxxxxxx");
const MAC = "027061000001";
const PARAMETERS = "0103060f1c333a3b5a777d";
const GOOD_OPTIONS: Readonly<Record<number, string>> = {
  53: "01",
  55: PARAMETERS,
  60: ascii("sagem"),
  61: `01${MAC}`,
  77: `2b${ascii(USER_CLASS)}`,
  90: VECTORS[0]?.auth ?? "",
};

interface Shape {
  readonly options?: Readonly<Record<number, string | undefined>>;
  readonly flags?: number;
  readonly ciaddr?: string;
  readonly giaddr?: string;
}

function message(shape: Shape = {}): Buffer {
  const fixed = Buffer.alloc(240);
  fixed.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  fixed.writeUInt16BE(shape.flags ?? 0x8000, 10);
  fixed.set((shape.ciaddr ?? "0.0.0.0").split(".").map(Number), 12);
  fixed.set((shape.giaddr ?? "0.0.0.0").split(".").map(Number), 24);
  fixed.set(Buffer.from(MAC, "hex"), 28);
  fixed.writeUInt32BE(0x63825363, 236);
  const options = Object.entries({ ...GOOD_OPTIONS, ...shape.options }).flatMap(([code, value]) => {
    if (value === undefined) return [];
    const bytes = Buffer.from(value, "hex");
    return [Number(code), bytes.length, ...bytes];
  });
  return Buffer.concat([fixed, Buffer.from(options), Buffer.of(255)]);
}

function verdictOf(bytes: Buffer) {
  const request = readRequest(bytes);
  return typeof request === "string" ? request : judge(request, LINE);
}

describe("the whole message", () => {
  it("is granted when it is the box's, with and without option 120 asked for, and with extras", () => {
    expect(verdictOf(message())).toEqual({ kind: "granted" });
    expect(verdictOf(message({ options: { 55: "0103060f1c333a3b5a77787d" } }))).toEqual({
      kind: "granted",
    });
    expect(verdictOf(message({ options: { 12: ascii("box") } }))).toEqual({ kind: "granted" });
  });

  for (const code of [55, 60, 61, 77, 90]) {
    it(`is ignored without option ${code}`, () => {
      expect(verdictOf(message({ options: { [code]: undefined } }))).toEqual({
        kind: "silence",
        reason: `option_${code}_missing`,
      });
    });
  }

  for (const code of [55, 60, 61, 77]) {
    it(`is ignored with any wrong octet of option ${code}`, () => {
      const good = Buffer.from(GOOD_OPTIONS[code] ?? "", "hex");
      for (let at = 0; at < good.length; at += 1) {
        const wrong = Buffer.from(good);
        wrong[at] = (wrong[at] ?? 0) ^ 0x20;
        const verdict = verdictOf(message({ options: { [code]: wrong.toString("hex") } }));
        expect(verdict).toMatchObject({ kind: "silence" });
      }
    });
  }

  it("is ignored when option 77 has no length octet, the classic mistake", () => {
    expect(verdictOf(message({ options: { 77: ascii(USER_CLASS) } }))).toMatchObject({
      kind: "silence",
    });
  });

  it("is ignored without the broadcast flag, unless the client has an address", () => {
    expect(verdictOf(message({ flags: 0 }))).toEqual({ kind: "silence", reason: "flags_are_0000" });
    expect(verdictOf(message({ flags: 0, ciaddr: "81.250.0.100" }))).toEqual({ kind: "granted" });
  });

  it("is ignored through a relay of somebody else", () => {
    expect(verdictOf(message({ giaddr: "10.0.0.1" }))).toMatchObject({ kind: "silence" });
  });

  it("is unreadable when it is cut anywhere", () => {
    const good = message();
    for (let length = 0; length < good.length; length += 1) {
      expect(typeof verdictOf(good.subarray(0, length))).toBe("string");
    }
  });
});

const PLAN: LeasePlan = {
  pool: { first: "81.250.0.100", last: "81.250.0.101" },
  otherPool: { first: "81.251.0.100", last: "81.251.0.101" },
  otherGateway: "81.251.0.1",
  parkingPool: { first: "172.19.10.100", last: "172.19.10.101" },
  parkingGateway: "172.19.0.1",
  taken: "81.250.0.66",
  server: "81.253.149.20",
  resolver: "81.253.149.10",
};

describe("the books", () => {
  const control = (change: Partial<OperatorControl> = {}) => ({ ...INITIAL_CONTROL, ...change });
  function ask(books: OrangeBooks, shape: Shape, now: OperatorControl = control()) {
    const request = readRequest(message(shape));
    if (typeof request === "string") throw new Error(request);
    return { request, answer: books.answer(request, judge(request, LINE), now) };
  }
  const request = (address: string, extra: Readonly<Record<number, string>> = {}): Shape => ({
    options: {
      53: "03",
      50: Buffer.from(address.split(".").map(Number)).toString("hex"),
      ...extra,
    },
  });
  const renewal = (address: string): Shape => ({
    ciaddr: address,
    flags: 0,
    options: { 53: "03" },
  });

  it("offer, acknowledge and renew the same address", () => {
    const books = new OrangeBooks(PLAN);
    expect(ask(books, {}).answer).toMatchObject({
      kind: "offer",
      lease: { address: "81.250.0.100", gateway: "81.250.0.1" },
    });
    expect(ask(books, request("81.250.0.100", { 54: "51fd9514" })).answer.kind).toBe("ack");
    expect(ask(books, renewal("81.250.0.100")).answer.kind).toBe("ack");
    expect(ask(books, renewal("81.250.0.101")).answer.kind).toBe("nak");
  });

  it("do not answer a request meant for another server", () => {
    const books = new OrangeBooks(PLAN);
    ask(books, {});
    expect(ask(books, request("81.250.0.100", { 54: "0a000001" })).answer.kind).toBe("none");
  });

  it("drop a renewal that lost its options", () => {
    const books = new OrangeBooks(PLAN);
    ask(books, {});
    const bare = { ...renewal("81.250.0.100"), options: { 53: "03", 90: undefined } };
    expect(ask(books, bare).answer).toEqual({ kind: "none", reason: "option_90_missing" });
  });

  it("park by order, and refuse a renewal of the good address then", () => {
    const books = new OrangeBooks(PLAN);
    ask(books, {});
    const parked = control({ parked: true });
    expect(ask(books, renewal("81.250.0.100"), parked).answer.kind).toBe("nak");
    expect(ask(books, {}, parked).answer).toMatchObject({
      kind: "offer",
      lease: { address: "172.19.10.100", mask: "255.255.0.0", parked: true },
    });
  });

  it("refuse one request by order, then serve again", () => {
    const books = new OrangeBooks(PLAN);
    const kill = control({ nakSerial: 1 });
    ask(books, {}, kill);
    expect(ask(books, request("81.250.0.100"), kill).answer.kind).toBe("nak");
    ask(books, {}, kill);
    expect(ask(books, request("81.250.0.100"), kill).answer.kind).toBe("ack");
  });

  it("offer a taken address once, and never again after a DECLINE", () => {
    const books = new OrangeBooks(PLAN);
    const twice = control({ duplicateSerial: 1 });
    expect(ask(books, {}, twice).answer).toMatchObject({ lease: { address: "81.250.0.66" } });
    ask(books, { options: { 53: "04", 50: "51fa0042" } }, twice);
    expect(ask(books, {}, twice).answer).toMatchObject({ lease: { address: "81.250.0.100" } });
  });

  it("give the new router at a renewal, and refuse it when the network moved", () => {
    const books = new OrangeBooks(PLAN);
    ask(books, {});
    const other = control({ gateway: "81.250.0.254" });
    expect(ask(books, renewal("81.250.0.100"), other).answer).toMatchObject({
      kind: "ack",
      lease: { gateway: "81.250.0.254" },
    });
    const moved = control({ pool: "other" });
    expect(ask(books, renewal("81.250.0.100"), moved).answer.kind).toBe("nak");
    expect(ask(books, {}, moved).answer).toMatchObject({
      lease: { address: "81.251.0.100", gateway: "81.251.0.1" },
    });
  });

  it("are silent by order", () => {
    const books = new OrangeBooks(PLAN);
    expect(ask(books, {}, control({ silent: true })).answer.kind).toBe("none");
  });

  it("write an answer of the standard's shape", () => {
    const books = new OrangeBooks(PLAN);
    const asked = ask(books, {});
    if (asked.answer.kind === "none") throw new Error(asked.answer.reason);
    const bytes = Buffer.from(writeAnswer(asked.request, asked.answer, PLAN));
    expect(bytes.length).toBeGreaterThanOrEqual(300);
    expect(bytes.subarray(0, 8).toString("hex")).toBe("02010600deadbeef");
    expect(bytes.subarray(10, 12).toString("hex")).toBe("8000");
    expect(bytes.subarray(16, 20).toString("hex")).toBe("51fa0064");
    expect(bytes.subarray(28, 34).toString("hex")).toBe(MAC);
    expect(bytes.subarray(236, 243).toString("hex")).toBe(`6382536335010${TYPE.offer}`);
    expect(bytes.toString("hex")).toContain("1c0451fa00ff");
  });
});
