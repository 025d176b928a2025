import type { Ipv4, Ipv6 } from "@passerelle/net";
import type { NameText } from "./name.ts";

export interface Question {
  readonly name: NameText;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: NameText;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly data: RecordData;
}

/**
 * What a record says. Types without a form of their own, and known ones of a class other than IN, stay
 * octets (RFC 3597); HTTPS and SVCB too, see `svcb.ts`.
 */
export type RecordData =
  | { readonly kind: "a"; readonly address: Ipv4 }
  | { readonly kind: "aaaa"; readonly address: Ipv6 }
  /** NS, CNAME, PTR, DNAME. */
  | { readonly kind: "name"; readonly target: NameText }
  | SoaData
  | { readonly kind: "mx"; readonly preference: number; readonly exchange: NameText }
  | { readonly kind: "txt"; readonly strings: readonly Uint8Array[] }
  | {
      readonly kind: "srv";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: NameText;
    }
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

export interface SoaData {
  readonly kind: "soa";
  readonly mname: NameText;
  readonly rname: NameText;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** Since RFC 2308 section 4: how long a negative answer may be kept, in seconds. */
  readonly minimum: number;
}
