import { shownName } from "./text.ts";

/** Keys whose value never leaves, whatever it is: a second wall behind the masks of `config`. */
const SECRET_KEY =
  /pass(word|phrase|wd)|secret|token|credential|login|private_?key|\bpsk\b|\bkey\b|cookie|session_?id|hash|salt|client_?id|serial|fingerprint/i;
/** Keys whose value a person or a device chose. */
const NAME_KEY =
  /^(hostname|dnsName|actor|source|subject|domain|vendorClass|deviceName|author|note|name)$/;
/** Values of these keys are words of ours, also where the key is one that people choose. */
const OUR_WORDS =
  /^(config|system|firewall|wan|lan|wifi|iptv|voice|web|broker|other|all|observer|guest|data|temporary|person|factory|rollback|box|local|upnp|pcp|tcp|udp|br-[a-z0-9]+|lo|(eth|lan|wan|guest|veth|wlan)[0-9.]*)$/;

const MASK = "•••";
const MAC = /\b[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}\b/g;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const IPV6 =
  /(?<![0-9a-fA-F:.])(?=[0-9a-fA-F]*:[0-9a-fA-F:.]*:)[0-9a-fA-F:]{2,39}(?![0-9a-fA-F:])/g;
const DEPTH_MAX = 40;
/** A shorter name is a word like any other: it is replaced where it is a whole value, or where a sentence quotes it. */
const INSIDE_MIN = 4;
const QUOTES = [
  ['"', '"'],
  ["« ", " »"],
] as const;

/**
 * Makes a document that a stranger may read: no secret by its key, and every address, hardware address and name of the
 * house under another name, the same one everywhere in the document and another in the next.
 */
export class Redactor {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Longest first, so that a name inside another one does not break it. */
  #names: readonly string[] = [];

  /** Names to look for everywhere, also inside sentences. */
  learn(value: unknown): void {
    const names = new Set<string>(this.#names);
    collect(value, names, 0);
    this.#names = [...names].sort((a, b) => b.length - a.length).slice(0, 4096);
  }

  redact(value: unknown, key = "", depth = 0): unknown {
    if (depth > DEPTH_MAX) return MASK;
    if (SECRET_KEY.test(key)) return value === undefined || value === null ? value : MASK;
    if (typeof value === "string") return this.#text(value, key);
    if (Array.isArray(value)) return value.map((item) => this.redact(item, key, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(
      ([name, item]) => [this.text(name), this.redact(item, name, depth + 1)] as const,
    );
    return Object.fromEntries(entries);
  }

  text(text: string): string {
    let clean = text;
    for (const name of this.#names) {
      if (clean === name) return this.#pseudonym("name", name);
      if (!clean.includes(name)) continue;
      const pseudonym = this.#pseudonym("name", name);
      if (name.length >= INSIDE_MIN) clean = clean.replaceAll(name, pseudonym);
      else {
        for (const [open, close] of QUOTES) {
          clean = clean.replaceAll(`${open}${name}${close}`, `${open}${pseudonym}${close}`);
        }
      }
    }
    return clean
      .replace(MAC, (mac) => this.#pseudonym("mac", mac.toLowerCase().replaceAll("-", ":")))
      .replace(IPV6, (text) => (isIpv6(text) ? this.#address(text) : text))
      .replace(IPV4, (address) => this.#address(address));
  }

  #text(text: string, key: string): string {
    if (NAME_KEY.test(key) && isName(text)) return this.#pseudonym("name", text);
    return this.text(text);
  }

  /** Which side an address is of matters to whoever helps; which one it is does not. */
  #address(address: string): string {
    if (/^(0\.0\.0\.0|127\.|255\.|::1$)/.test(address)) return address;
    const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|fe80:|f[cd])/i.test(address);
    return this.#pseudonym(isPrivate ? "private-address" : "address", address.toLowerCase());
  }

  #pseudonym(kind: string, value: string): string {
    const id = `${kind} ${value}`;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const pseudonym = `${kind}-${count}`;
    this.#known.set(id, pseudonym);
    return pseudonym;
  }
}

/** "12:34:56" is a time of day: an address is shortened or has all of its eight parts. */
function isIpv6(text: string): boolean {
  return text !== "::" && (text.includes("::") || text.split(":").length === 8);
}

function collect(value: unknown, names: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, names, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "string" && NAME_KEY.test(key) && isName(item)) {
      // As it came, and as our sentences show it.
      names.add(item);
      names.add(shownName(item));
    } else collect(item, names, depth + 1);
  }
}

function isName(text: string): boolean {
  return text !== "" && !OUR_WORDS.test(text) && !/^[a-z]+-\d+$/.test(text);
}
