import { readFileSync } from "node:fs";
import { native } from "@passerelle/native";
import { err, type Result } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import { int32s, interfaceRequest } from "./kernel-arguments.ts";
import {
  NPMODE_DROP,
  NPMODE_PASS,
  PPPIOCSMRU,
  PPPIOCSNPMODE,
  SIOCSIFMTU,
} from "./kernel-numbers.ts";
import { ControlFile, PROTOCOL_OF_FAMILY, setInterface } from "./linux-control.ts";
import {
  CLOSED,
  ENDED,
  type PppChannel,
  type PppError,
  type PppTraffic,
  PROTOCOL_OF_LINK,
} from "./port.ts";
import { closeHandles, type SessionFiles, type SessionHandles } from "./session-files.ts";
import { trafficOf } from "./traffic.ts";

/** An open session of the kernel. */
export class LinuxPppChannel implements PppChannel {
  readonly name: string;
  readonly interfaceIndex: number;
  readonly #handles: SessionHandles;
  readonly #files: SessionFiles;
  readonly #link: ControlFile;
  readonly #networks: ControlFile;
  #state: "open" | "ended" | "closed" = "open";
  #ended: () => void = () => {};

  constructor(handles: SessionHandles, name: string, interfaceIndex: number, files: SessionFiles) {
    this.#files = files;
    this.#handles = handles;
    this.#link = new ControlFile(handles.channel);
    this.#networks = new ControlFile(handles.unit);
    this.name = name;
    this.interfaceIndex = interfaceIndex;
  }

  onPacket(handler: (protocol: number, payload: Uint8Array) => void): void {
    if (this.#state !== "open") return;
    this.#link.listen(handler, () => this.#end());
    // Ends when it has no channel any more: the same news.
    this.#networks.listen(handler, () => {});
  }

  onEnd(handler: () => void): void {
    this.#ended = handler;
  }

  send(protocol: number, payload: Uint8Array): Result<void, PppError> {
    return this.#try(() => {
      const file = protocol >= PROTOCOL_OF_LINK ? this.#link : this.#networks;
      file.write(protocol, payload);
    });
  }

  pass(family: 4 | 6, on: boolean): Result<void, PppError> {
    const mode = int32s(PROTOCOL_OF_FAMILY[family], on ? NPMODE_PASS : NPMODE_DROP);
    return this.#try(() => void native().ioctl(this.#handles.unit, PPPIOCSNPMODE, mode));
  }

  setMtu(octets: number): Result<void, PppError> {
    const request = interfaceRequest(this.name, octets);
    return this.#try(() => setInterface(SIOCSIFMTU, request));
  }

  setMru(octets: number): Result<void, PppError> {
    return this.#try(() => void native().ioctl(this.#handles.unit, PPPIOCSMRU, int32s(octets)));
  }

  counters(): Result<PppTraffic, PppError> {
    if (this.#state === "closed") return err(CLOSED);
    // Of the calling thread's network namespace, as the interface is.
    const traffic = trafficOf(readFileSync("/proc/thread-self/net/dev", "latin1"), this.name);
    return traffic === undefined
      ? err({ code: "ENODEV", text: `${this.name} is not there` })
      : { ok: true, value: traffic };
  }

  close(): void {
    if (this.#state === "closed") return;
    this.leave();
    this.#files.drop(this.name);
  }

  leave(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#networks.close();
    this.#link.close();
    closeHandles(this.#handles);
  }

  #end(): void {
    this.#state = "ended";
    this.#ended();
  }

  #try(call: () => void): Result<void, PppError> {
    if (this.#state === "closed") return err(CLOSED);
    if (this.#state === "ended") return err(ENDED);
    return attempt(call);
  }
}
