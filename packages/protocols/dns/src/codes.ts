/** Resource record types (IANA "Resource Record (RR) TYPEs"), those that our code treats by name. */
export const RecordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  HINFO: 13,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

export const RecordClass = { IN: 1, CHAOS: 3, NONE: 254, ANY: 255 } as const;

/** IANA "DNS OpCodes". */
export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;

/** IANA "DNS RCODEs"; 16 is BADVERS in an answer with EDNS (RFC 6891 section 9). */
export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

/** Bits of the second 16-bit word of the header (RFC 1035 section 4.1.1, RFC 4035 section 3). */
export const Flag = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const OPCODE_SHIFT = 11;
export const HEADER_BYTES = 12;
/** The DNSSEC OK bit in the TTL field of OPT (RFC 3225, RFC 6891 section 6.1.4). */
export const EDNS_DO = 0x8000;
/** Octets of an OPT record without options. */
export const OPT_BYTES = 11;
/** Largest UDP payload without EDNS (RFC 1035 section 2.3.4). */
export const PLAIN_UDP_BYTES = 512;
/** Largest UDP payload that never needs fragments (DNS flag day 2020; RFC 9715 section 3). */
export const SAFE_UDP_BYTES = 1232;
export const MESSAGE_BYTES_MAX = 65_535;
