/** What goes between a port of netlink here and the kernel in the lab's machine: JSON, one line each way. */

export interface Call {
  readonly call: number;
  /** A method of the port; "world" is a new kernel with nothing in it, "settle" only wants its answer. */
  readonly method: string;
  readonly words: readonly unknown[];
}

export type Answer =
  | { readonly call: number; readonly value?: unknown }
  | { readonly subscription: number; readonly event: unknown };

const OCTETS = "octets";

export function toLine(what: Call | Answer): string {
  const text = JSON.stringify(what, (_, value: unknown) =>
    value instanceof Uint8Array ? { [OCTETS]: Buffer.from(value).toString("hex") } : value,
  );
  return `${text}\n`;
}

export function fromLine(line: string): unknown {
  return JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !(OCTETS in value)) return value;
    return Uint8Array.from(Buffer.from(String(value[OCTETS]), "hex"));
  });
}
