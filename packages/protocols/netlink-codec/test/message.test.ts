import { concatBytes } from "@passerelle/bytes";
import { describe, expect, it } from "vitest";
import {
  AttributeWriter,
  decodeAttributes,
  decodeMessages,
  decodeNetlinkError,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
} from "../src/index.ts";

const EINVAL = 22;

function message(type: number, flags: number, payload: Uint8Array): NetlinkMessage {
  return { type, flags, sequence: 9, port: 4, payload };
}

/** A negative errno, as the kernel writes it. */
function code(errno: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, -errno, true);
  return bytes;
}

describe("messages", () => {
  it("follow one another, each at a multiple of four", () => {
    const parts = [
      message(16, NLM_F_MULTI, Uint8Array.of(1, 2, 3)),
      message(16, NLM_F_MULTI, new Uint8Array(0)),
      message(NLMSG_DONE, NLM_F_MULTI, code(0)),
    ];
    const decoded = decodeMessages(concatBytes(...parts.map(encodeMessage)));
    expect(decoded).toEqual({ messages: parts });
  });

  it("end where a header lies", () => {
    const good = encodeMessage(message(16, 0, Uint8Array.of(1, 2, 3, 4)));
    const short = encodeMessage(message(16, 0, new Uint8Array(0)));
    short[0] = 15;
    const bad = decodeMessages(concatBytes(good, short));
    expect([bad.messages.length, bad.error]).toEqual([1, { code: "message_too_short", at: 20 }]);
    short[0] = 17;
    expect(decodeMessages(short).error).toEqual({ code: "message_overruns", at: 0 });
    expect(decodeMessages(good.slice(0, 3)).error).toEqual({ code: "header_cut", at: 0 });
  });
});

describe("errors", () => {
  const sentence = new AttributeWriter().text(1, "Invalid prefix").uint32(2, 20).finish();
  const request = encodeMessage(message(24, 5, new Uint8Array(10)));

  it("are an acknowledgement when the code is 0", () => {
    const ack = message(NLMSG_ERROR, NLM_F_CAPPED, concatBytes(code(0), request.slice(0, 16)));
    expect(decodeNetlinkError(ack, false)).toEqual({ errno: 0 });
  });

  it("carry the kernel's sentence behind the whole request or its header", () => {
    const whole = message(
      NLMSG_ERROR,
      NLM_F_ACK_TLVS,
      concatBytes(code(EINVAL), request, sentence),
    );
    const expected = { errno: EINVAL, text: "Invalid prefix", offset: 20 };
    expect(decodeNetlinkError(whole, false)).toEqual(expected);
    const head = concatBytes(code(EINVAL), request.slice(0, 16), sentence);
    const capped = message(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, head);
    expect(decodeNetlinkError(capped, false)).toEqual(expected);
  });

  it("may end a dump", () => {
    const end = message(
      NLMSG_DONE,
      NLM_F_MULTI | NLM_F_ACK_TLVS,
      concatBytes(code(EINVAL), sentence),
    );
    expect(decodeNetlinkError(end, true)).toMatchObject({ errno: EINVAL, text: "Invalid prefix" });
    expect(decodeNetlinkError(message(NLMSG_DONE, 0, new Uint8Array(0)), true)).toEqual({
      errno: 0,
    });
    expect(decodeNetlinkError(message(NLMSG_ERROR, 0, new Uint8Array(3)), false).errno).toBe(74);
  });

  it("lose their sentence, not their code, where it is cut", () => {
    const all = concatBytes(code(EINVAL), request.slice(0, 16), sentence);
    for (let end = 4; end < all.length; end += 1) {
      const cut = message(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, all.slice(0, end));
      expect(decodeNetlinkError(cut, false).errno).toBe(EINVAL);
    }
  });
});

describe("attributes", () => {
  it("say where they are wrong", () => {
    expect(decodeAttributes(Uint8Array.of(3, 0, 1, 0))).toEqual({
      ok: false,
      error: { code: "attribute_too_short", at: 0 },
    });
    const second = concatBytes(
      new AttributeWriter().uint8(1, 7).finish(),
      Uint8Array.of(9, 0, 2, 0, 0),
    );
    expect(decodeAttributes(second)).toEqual({
      ok: false,
      error: { code: "attribute_overruns", at: 8 },
    });
    const many = new AttributeWriter();
    for (let i = 0; i < 1025; i += 1) many.uint8(1, 1);
    expect(decodeAttributes(many.finish())).toMatchObject({
      error: { code: "too_many_attributes" },
    });
  });

  it("keep their flags apart from their type", () => {
    const bytes = new AttributeWriter().nested(18, (inner) => inner.text(1, "bridge")).finish();
    const decoded = decodeAttributes(bytes);
    expect(decoded.ok && decoded.value.map((one) => [one.type, one.flags])).toEqual([[18, 0x8000]]);
  });
});
