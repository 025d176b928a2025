/** What we use of net-snmp, which has no types of its own. */
declare module "net-snmp" {
  import type { EventEmitter } from "node:events";

  export interface Varbind {
    readonly oid: string;
    readonly type: number;
    /** A number, a Buffer (octets, Counter64), or a text (object identifiers and addresses). */
    readonly value: unknown;
  }

  export interface SessionOptions {
    readonly port?: number;
    /** Of `Version2c`. */
    readonly version?: number;
    readonly transport?: "udp4" | "udp6";
    /** Milliseconds of one attempt. */
    readonly timeout?: number;
    readonly retries?: number;
    /** Whether an agent may answer with rows that do not follow what was asked for. */
    readonly backwardsGetNexts?: boolean;
    readonly dgramModule?: unknown;
  }

  export interface Session extends EventEmitter {
    /** Rows behind each object identifier, a list of them for each; the error is the first argument. */
    getBulk(
      oids: readonly string[],
      nonRepeaters: number,
      maxRepetitions: number,
      done: (error: Error | null, varbinds: readonly (readonly Varbind[])[]) => void,
    ): void;
    /** Ends what is under way with an error. */
    close(): void;
  }

  export function createSession(
    address: string,
    community: string,
    options: SessionOptions,
  ): Session;
  export const Version2c: number;
  export const ObjectType: Readonly<Record<string, number>>;
  export class RequestTimedOutError extends Error {}
}
