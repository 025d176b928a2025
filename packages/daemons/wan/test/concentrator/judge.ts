import { createHash } from "node:crypto";

/**
 * The access concentrators of operators, as strict as they are said to be. Written from the operators'
 * facts and RFC 2131 alone, with a parser of its own: nothing of our encoder is used, so that one mistake
 * can't hide in both.
 */
export interface Line {
  readonly login: string;
  readonly password: string;
  /** Hexadecimal, without colons. */
  readonly mac: string;
}

export type Verdict = "accept" | `refuse: ${string}` | `park: ${string}`;
export type Concentrator = (bytes: Uint8Array, line: Line) => Verdict;

export const concentrators: Readonly<Record<string, Concentrator>> = {
  "generic-dhcp": (bytes, line) => judgeClient(read(bytes), line) ?? "accept",
  "orange-fr": (bytes, line) => {
    const request = read(bytes);
    return judgeClient(request, line) ?? judgeOrange(request, line) ?? "accept";
  },
  "sfr-fr": (bytes, line) => {
    const request = read(bytes);
    const vendor = text(request.options.get(60));
    const wrong = vendor.startsWith("neufbox") ? undefined : "refuse: option 60";
    return judgeClient(request, line) ?? wrong ?? "accept";
  },
  "bouygues-fr": (bytes, line) => {
    const request = read(bytes);
    const wrong = text(request.options.get(60)) === "byteliad" ? undefined : "refuse: option 60";
    return judgeClient(request, line) ?? wrong ?? "accept";
  },
};

interface Request {
  readonly bytes: Buffer;
  readonly options: ReadonlyMap<number, Buffer>;
}

function read(bytes: Uint8Array): Request {
  const all = Buffer.from(bytes);
  const options = new Map<number, Buffer>();
  for (let at = 240; at < all.length && all[at] !== 255; ) {
    const length = all[at + 1] ?? 0;
    options.set(all[at] ?? 0, all.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { bytes: all, options };
}

function judgeClient({ bytes, options }: Request, line: Line): Verdict | undefined {
  if (bytes.length < 300) return "refuse: shorter than BOOTP";
  if (bytes.readUInt8(0) !== 1 || bytes.readUInt8(1) !== 1 || bytes.readUInt8(2) !== 6) {
    return "refuse: no request of an Ethernet client";
  }
  if (bytes.readUInt32BE(236) !== 0x63825363) return "refuse: no magic cookie";
  if (bytes.toString("hex", 28, 34) !== line.mac) return "refuse: chaddr";
  if (!bytes.includes(255, 240)) return "refuse: no end";
  const type = options.get(53)?.toString("hex");
  if (type !== "01" && type !== "03" && type !== "04") return "refuse: message type";
  if (options.get(61)?.toString("hex") !== `01${line.mac}`) return "refuse: client identifier";
  if (type !== "04" && !options.has(55)) return "refuse: no parameter list";
  return undefined;
}

function judgeOrange({ bytes, options }: Request, line: Line): Verdict | undefined {
  if (bytes.readUInt32BE(12) === 0 && (bytes.readUInt16BE(10) & 0x8000) === 0) {
    return "refuse: no broadcast flag";
  }
  if (text(options.get(60)) !== "sagem") return "refuse: option 60";
  const user = options.get(77);
  if (user === undefined || user[0] !== user.length - 1)
    return "refuse: option 77 without its length";
  if (!text(user.subarray(1)).startsWith("FSVDSL_livebox.Internet.softathome.")) {
    return "refuse: option 77";
  }
  const auth = options.get(90);
  if (auth === undefined) return "refuse: no option 90";
  if (!auth.subarray(0, 20).equals(Buffer.from(`${"00".repeat(11)}1a0900000558010341`, "hex"))) {
    return "refuse: header of option 90";
  }
  const nameLength = auth[21] ?? 0;
  if (auth[20] !== 1 || nameLength !== line.login.length + 2) return "park: user name";
  if (text(auth.subarray(22, 20 + nameLength)) !== line.login) return "park: user name";
  const challenge = auth.subarray(20 + nameLength, 38 + nameLength);
  const answer = auth.subarray(38 + nameLength);
  if (challenge[0] !== 60 || challenge[1] !== 18) return "refuse: challenge";
  if (answer.length !== 19 || answer[0] !== 3 || answer[1] !== 19) return "refuse: password";
  const digest = createHash("md5")
    .update(answer.subarray(2, 3))
    .update(line.password, "latin1")
    .update(challenge.subarray(2))
    .digest();
  return digest.equals(answer.subarray(3)) ? undefined : "park: digest";
}

function text(bytes: Buffer | undefined): string {
  return bytes?.toString("latin1") ?? "";
}
