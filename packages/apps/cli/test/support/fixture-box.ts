import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import {
  API_ROOT,
  allRoutes,
  type Operation,
  type Problem,
  type Route,
  readInput,
  type ServerMessage,
} from "@passerelle/api";
import type { CarriedRequest } from "@passerelle/api/client";
import { carryOver, type Door, type Opened } from "../../src/door.ts";
import { ownFailure } from "../../src/failure.ts";
import { type Answers, answers } from "./answers.ts";

export interface Seen {
  readonly key: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Stands for the box: answers the fixture, checks every request by the schemas of the API, remembers it. */
export class FixtureBox {
  readonly requests: Seen[] = [];
  /** Instead of the fixture's, for as long as they stand. */
  readonly problems = new Map<Operation | "*", Problem>();
  answers: Answers = answers;
  /** Said to whoever follows events, connection by connection; the last one again and again. */
  streams: (readonly ServerMessage[])[] = [];
  #server: Server | undefined;

  handle(request: CarriedRequest): { readonly status: number; readonly body: string } {
    const url = new URL(request.path, "http://box");
    const found = allRoutes.find(
      ([key]) => key.startsWith(`${request.method} `) && fits(key, url.pathname),
    );
    if (found === undefined) return refuse(problemOf("not_found", 404));
    const [key, route] = found;
    const isText = request.body !== undefined && route.upload === undefined;
    const body: unknown = isText ? JSON.parse(request.body ?? "") : undefined;
    this.requests.push({ key, path: request.path, headers: request.headers, body });
    const problem = this.problems.get(key) ?? this.problems.get("*");
    if (problem !== undefined) return refuse(problem);
    const wrong = inputProblem(route, url, body);
    if (wrong !== undefined) return refuse(problemOf("bad_request", 422, wrong));
    if (key === "GET /events/sse") return { status: 200, body: this.#nextStream() };
    if (route.reply === undefined) return { status: 204, body: "" };
    const answer: unknown = key === "GET /system/upgrade" ? this.#upgrade() : this.answers[key];
    return {
      status: route.status ?? 200,
      body: typeof answer === "string" ? answer : JSON.stringify(answer),
    };
  }

  /** The same box without a socket. */
  door(): Door {
    const open: Door["open"] = async (request): Promise<Opened> => {
      const { status, body } = this.handle(request);
      return { status, body: once(body) };
    };
    const signal = new AbortController().signal;
    return {
      name: "fixture",
      open,
      carry: carryOver(open, signal, () => ownFailure("answer_too_long")),
    };
  }

  /** A path of a unix socket, or a port of this machine. */
  async listen(where: string | number): Promise<Server> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { status, body: answer } = this.handle({
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers as Record<string, string>,
          ...(body === "" ? {} : { body }),
        });
        response.writeHead(status).end(answer);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      if (typeof where === "string") server.listen(where, resolve);
      else server.listen(where, "127.0.0.1", resolve);
    });
    return server;
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Whoever installs what is ready has it. */
  #upgrade(): unknown {
    const upgrade = this.answers["GET /system/upgrade"];
    const isInstalled = this.requests.some(({ key }) => key === "POST /system/upgrade/install");
    const restarting = { kind: "restarting", version: "0.2.0" };
    return isInstalled ? { ...upgrade, phase: restarting } : upgrade;
  }

  #nextStream(): string {
    const [messages = []] = this.streams;
    if (this.streams.length > 1) this.streams = this.streams.slice(1);
    return `retry: 3000\n\n${messages.map((message) => `id: ${message.seq}\ndata: ${JSON.stringify(message)}\n\n`).join(": still here\n\n")}`;
  }
}

export function problemOf(code: string, status: number, detail = ""): Problem {
  return {
    type: "about:blank",
    title: code,
    status,
    code,
    text: { fr: `Non : ${code}`, en: `No: ${code}` },
    next: { fr: "Recommencez.", en: "Do it again." },
    ...(detail === "" ? {} : { errors: [{ path: "x", message: detail }] }),
  };
}

function refuse(problem: Problem): { readonly status: number; readonly body: string } {
  return { status: problem.status, body: JSON.stringify(problem) };
}

function fits(key: string, pathname: string): boolean {
  const pattern = `${API_ROOT}${key.slice(key.indexOf(" ") + 1)}`.replace(/\{\w+\}/g, "[^/]+");
  // `/sessions/current` is not a session called "current".
  return (
    new RegExp(`^${pattern}$`).test(pathname) &&
    !(key.includes("{") && pathname.endsWith("/current"))
  );
}

function inputProblem(route: Route, url: URL, body: unknown): string | undefined {
  const query = Object.fromEntries(url.searchParams);
  for (const [schema, value] of [
    [route.query, query],
    [route.body, body],
  ] as const) {
    if (schema === undefined) continue;
    const read = readInput(schema, value);
    if (!read.ok) return JSON.stringify(read.error);
  }
  return route.body === undefined && body !== undefined ? "no body is wanted" : undefined;
}

async function* once(body: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(body);
}
