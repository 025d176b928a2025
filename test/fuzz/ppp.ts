import { seedRng } from "@passerelle/machine";
import { parseMac } from "@passerelle/net";
import * as ppp from "@passerelle/ppp";
import { after, instant, milliseconds } from "@passerelle/time";
import { goldens, utf8 } from "./seeds.ts";

const CONCENTRATOR = parseMac("00:00:5e:00:53:01");
if (CONCENTRATOR === undefined) throw new Error("that is an address");
const peer = CONCENTRATOR;

export const pppSeeds = (): readonly Uint8Array[] => goldens("protocols/ppp");

/** What was read can be written, and reads as the same again. */
export function readPppoe(bytes: Uint8Array): void {
  const decoded = ppp.decodePppoe(bytes);
  if (!decoded.ok) return;
  const again = ppp.decodePppoe(ppp.encodePppoe(decoded.value));
  if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
  for (const { value } of decoded.value.tags) ppp.peerText(value);
}

/** A line that a stranger feeds: frames of discovery, and packets of its session where there is one. */
export function pppLineParser(): (bytes: Uint8Array) => void {
  const machine = ppp.pppMachine(
    ppp.pppSettings({
      interfaceIdentifier: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 1),
      credentials: { name: utf8("line@isp.test"), secret: utf8("secret") },
    }),
    seedRng([1, 2, 3, 4]),
  );
  let now = instant(1000);
  let state = machine.initial;
  const feed = (input: ppp.PppInput): void => {
    state = machine.step(state, input, now).state;
    machine.check(state);
  };
  const answer = (code: number, sessionId: number): void => {
    const { phase } = state;
    if (!("discovery" in phase) || !("hostUniq" in phase.discovery)) return;
    const tags = [
      { type: ppp.TAG.HOST_UNIQ, value: phase.discovery.hostUniq },
      { type: ppp.TAG.AC_NAME, value: utf8("bras") },
    ];
    const payload = ppp.encodePppoe({ code, sessionId, tags });
    feed({ kind: "discovery_frame", source: peer, payload });
  };
  return (bytes) => {
    now = after(now, milliseconds(1));
    if (state.phase.kind === "idle") feed({ kind: "link_up" });
    if (state.phase.kind === "waiting") feed({ kind: "reconnect" });
    feed({ kind: "discovery_frame", source: peer, payload: bytes });
    answer(ppp.PPPOE_CODE.PADO, 0);
    answer(ppp.PPPOE_CODE.PADS, 1);
    const frame = ppp.decodeSessionFrame(bytes);
    if (frame.ok) feed({ kind: "packet", ...frame.value });
    const deadline = machine.deadline(state);
    if (deadline !== undefined && deadline <= now) feed({ kind: "timeout" });
  };
}
