import type { Problem } from "./common.ts";
import type { InputOf, Operation, ReplyOf, Routes } from "./index.ts";

/** Why the box ends a WebSocket, beside the codes of RFC 6455. */
export const CLOSE_CODES = {
  /** The session is over, or lost the right to read. */
  loggedOut: 4401,
  /** Too slow, or too many clients already: come back later. */
  tryLater: 1013,
  /** More messages than allowed. */
  policy: 1008,
  /** The box stops or restarts. */
  goingAway: 1001,
} as const;

/** What carries one request; a browser gives fetch, the command line a unix socket. */
export type Carry = (request: CarriedRequest) => Promise<CarriedResponse>;

export interface CarriedRequest {
  readonly method: string;
  /** From /api/v1 on, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface CarriedResponse {
  readonly status: number;
  readonly text: string;
}

export type Answer<R> =
  | { readonly ok: true; readonly data: R }
  | { readonly ok: false; readonly problem: Problem };

/** Calls operations by their key, with the types of the table. Holds no schema: a page can afford it. */
export interface ApiClient {
  call<Key extends Operation>(
    key: Key,
    ...input: object extends InputOf<Key, Routes[Key]>
      ? [input?: InputOf<Key, Routes[Key]> & CallExtras]
      : [input: InputOf<Key, Routes[Key]> & CallExtras]
  ): Promise<Answer<ReplyOf<Routes[Key]>>>;
}

export interface CallExtras {
  /** The revision that was looked at: another's change in between refuses ours. */
  readonly ifMatch?: number;
}

interface LooseInput extends CallExtras {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export function createApiClient(carry: Carry): ApiClient {
  // The types of the table are for the callers; here every operation is alike.
  const call = async (key: string, input: LooseInput = {}): Promise<Answer<unknown>> =>
    answerOf(await carry(requestOf(key, input)));
  return { call: call as ApiClient["call"] };
}

export function requestOf(key: string, input: LooseInput): CarriedRequest {
  const space = key.indexOf(" ");
  const path = key
    .slice(space + 1)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.params?.[name] ?? ""));
  const pairs = Object.entries(input.query ?? {}).filter(([, value]) => value !== undefined);
  const query = pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");
  return {
    method: key.slice(0, space),
    path: `/api/v1${path}${query === "" ? "" : `?${query}`}`,
    headers: {
      accept: "application/json",
      // A form of a foreign page can't send this header: one of the defences against CSRF.
      "x-passerelle": "1",
      ...(input.body === undefined ? {} : { "content-type": "application/json" }),
      ...(input.ifMatch === undefined ? {} : { "if-match": `"${input.ifMatch}"` }),
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
  };
}

/** What came back, whoever carried it. */
export function answerOf({ status, text }: CarriedResponse): Answer<unknown> {
  const value = text === "" ? undefined : parse(text);
  if (status >= 200 && status < 300) return { ok: true, data: value };
  return { ok: false, problem: isProblem(value) ? value : unreadable(status) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "text" in value;
}

function unreadable(status: number): Problem {
  return {
    type: "about:blank",
    title: "unreadable_answer",
    status,
    code: "unreadable_answer",
    text: {
      fr: "La passerelle a répondu de façon incompréhensible.",
      en: "The gateway's answer could not be understood.",
    },
    next: { fr: "Rechargez la page.", en: "Load the page again." },
  };
}
