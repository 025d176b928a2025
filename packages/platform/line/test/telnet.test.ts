import { describe, expect, it } from "vitest";
import { answerIn, asShown, cueIn } from "../src/telnet/cues.ts";
import { TelnetNegotiation } from "../src/telnet/negotiation.ts";

describe("negotiation", () => {
  const stream = Uint8Array.from([
    ...[65, 255, 253, 31, 66, 255, 251, 1, 13, 0, 10, 255, 255, 255, 254, 3, 255, 252, 3, 255, 241],
    ...[255, 250, 24, 255, 255, 240, 1, 255, 240, 67],
    // The place of the cursor, a colour, an escape without parameters.
    ...[27, 91, 54, 110, 27, 91, 49, 59, 51, 49, 109, 68, 27, 55],
  ]);
  const text = "AB\r\n\u00ffCD";
  const reply = [255, 252, 31, 255, 254, 1];

  it.each([...stream.keys()])("is the same when it is cut at octet %i", (at) => {
    const negotiation = new TelnetNegotiation();
    const parts = [stream.slice(0, at), stream.slice(at)].map((part) => negotiation.push(part));
    expect(parts.map((part) => part.text).join("")).toBe(text);
    expect(parts.flatMap((part) => [...part.reply])).toEqual(reply);
  });

  it("keeps nothing of a subnegotiation, however long", () => {
    const negotiation = new TelnetNegotiation();
    negotiation.push(Uint8Array.of(255, 250));
    expect(negotiation.push(new Uint8Array(100_000).fill(7)).text).toBe("");
    expect(negotiation.push(Uint8Array.of(255, 240, 65)).text).toBe("A");
  });
});

describe("cues", () => {
  it.each([
    ["Account:", "name"],
    ["\r\nvigor login: ", "name"],
    ["Username : ", "name"],
    ["Last login: ", undefined],
    ["Password: ", "password"],
    ["[sudo] password for admin: ", "password"],
    ["\r\nDrayTek> ", "command"],
    ["\r\n > ", "command"],
    ["\r\n# ", "command"],
    ["\nroot@modem:/tmp# ", "command"],
    ["router>  ", "command"],
    ["   DSLAM CHIPSET VENDOR    : < BDCM >", undefined],
    ["DrayTek> \r\n", undefined],
    ["Welcome", undefined],
    ["", undefined],
  ])("%j waits for %s", (tail, cue) => {
    expect(cueIn(tail)).toBe(cue);
  });

  it("shows what was not erased, without the pager", () => {
    const erased = "\b".repeat(3) + " ".repeat(3) + "\b".repeat(3);
    expect(asShown(`a\n--x--${erased}b\nc\b\b\b\nd--x--`, /--x--/g)).toBe("a\nb\n\nd");
  });

  it("takes the echo and the prompt from an answer", () => {
    expect(answerIn("adsl status\r\n State : UP\r\nDrayTek> ", "adsl status")).toBe(
      "\r\n State : UP\r\n",
    );
    expect(answerIn("\r\nDrayTek> adsl status\r\nx\r\n> ", "adsl status")).toBe("\r\nx\r\n");
    expect(answerIn(" State : UP\r\nDrayTek> ", "adsl status")).toBe(" State : UP\r\n");
  });
});
