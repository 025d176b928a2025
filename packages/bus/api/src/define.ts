import type { GenericSchema, InferOutput } from "valibot";

/** What a token may do. A person who logged in may do everything; an app what it was given. */
export const CAPABILITIES = ["read", "devices", "wifi", "phone", "settings", "admin"] as const;
export type Capability = (typeof CAPABILITIES)[number];

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `GET /hosts/{id}`: the method and the path below /api/v1. It names the operation everywhere. */
export type RouteKey = `${Method} /${string}`;

/** One operation. Whatever is not in the table of routes does not exist. */
export interface Route<
  Query extends GenericSchema | undefined = GenericSchema | undefined,
  Body extends GenericSchema | undefined = GenericSchema | undefined,
  Reply extends GenericSchema | undefined = GenericSchema | undefined,
> {
  /** One sentence, in English, for the document. */
  readonly about: string;
  /** Heading in the document and in the reader. */
  readonly tag: string;
  /** Who may: "public" needs no session (still from the LAN only). */
  readonly access: "public" | Capability;
  /** Dangerous: a person must have proved within the hour, in this session, that it is them. */
  readonly stepUp?: true;
  readonly query?: Query;
  readonly body?: Body;
  /** Absent: 204, nothing is answered. */
  readonly reply?: Reply;
  /** Of success; absent: 200, or 204 without a reply. */
  readonly status?: 200 | 201 | 202;
  /** Codes of errors beside those that every operation may answer; docs/errors.md explains them. */
  readonly errors?: readonly string[];
  /** The body is a file of this type and not JSON; it is written to the disk as it comes. */
  readonly upload?: { readonly media: string; readonly bytesMax: number };
  /** Set where the answer is a file and not JSON. */
  readonly media?: string;
}

export function route<
  Query extends GenericSchema | undefined = undefined,
  Body extends GenericSchema | undefined = undefined,
  Reply extends GenericSchema | undefined = undefined,
>(definition: Route<Query, Body, Reply>): Route<Query, Body, Reply> {
  return definition;
}

type Output<S> = S extends GenericSchema ? InferOutput<S> : undefined;
type Names<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** What an operation is given: the parts of its path, its query, its body. */
export type InputOf<Key, R> = (Names<Key & string> extends never
  ? { readonly params?: undefined }
  : { readonly params: Readonly<Record<Names<Key & string>, string>> }) &
  (R extends Route<infer Q, infer B, GenericSchema | undefined>
    ? (Q extends GenericSchema ? { readonly query: Output<Q> } : { readonly query?: undefined }) &
        (B extends GenericSchema ? { readonly body: Output<B> } : { readonly body?: undefined })
    : never);

/** What an operation answers. */
export type ReplyOf<R> =
  R extends Route<GenericSchema | undefined, GenericSchema | undefined, infer Reply>
    ? Output<Reply>
    : never;
