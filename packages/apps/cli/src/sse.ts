/** Reads server-sent events (HTML standard, 9.2.6): bytes in any pieces, one text for each event's data. */
export class EventStreamReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #data: string[] = [];
  #length = 0;

  /** The data of every event that these bytes complete. Throws where one is longer than any of the box. */
  push(bytes: Uint8Array): readonly string[] {
    const events: string[] = [];
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (end === null) break;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      this.#line(line, events);
    }
    if (this.#rest.length + this.#length > EVENT_MAX) throw new RangeError("an event without end");
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line === "") {
      if (this.#data.length > 0) events.push(this.#data.join("\n"));
      this.#data = [];
      this.#length = 0;
      return;
    }
    const [, field, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    // Everything else (event, id, retry, comments) is said again inside our data.
    if (field !== "data") return;
    this.#data.push(value);
    this.#length += value.length;
  }
}

const EVENT_MAX = 16 * 1024 * 1024;
