import { type IncomingMessage, request } from "node:http";
import { ok, type Result } from "@passerelle/result";
import { type LineFailure, lineFailure } from "../line-error.ts";
import type { LineError } from "../port.ts";

export interface HttpPost {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the connection to the last octet of the answer. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Of WWW-Authenticate; empty where there is none. */
  readonly challenge: string;
  readonly body: string;
}

/** One request on a connection of its own. Redirections are not followed: a modem has nowhere to send us. */
export function post(options: HttpPost): Promise<Result<HttpAnswer, LineError>> {
  const { address, port, path, body, signal } = options;
  return new Promise((resolve) => {
    const headers = { ...options.headers, "content-length": String(Buffer.byteLength(body)) };
    const sent = request({ host: address, port, path, method: "POST", agent: false, headers });
    const finish = (result: Result<HttpAnswer, LineError>): void => {
      clearTimeout(late);
      signal.removeEventListener("abort", leave);
      sent.destroy();
      resolve(result);
    };
    const fail = (failure: LineFailure): void => finish(failure);
    const leave = (): void => fail(lineFailure("closed", "the question was given up"));
    const late = setTimeout(
      () => fail(lineFailure("unreachable", "it did not answer in time")),
      options.patienceMs,
    );
    signal.addEventListener("abort", leave, { once: true });
    sent.on("error", (error: NodeJS.ErrnoException) =>
      fail(lineFailure(isOfParser(error) ? "not_understood" : "unreachable", error.message)),
    );
    sent.on("response", (answer) =>
      collect(answer, fail, (text) => finish(ok(answerOf(answer, text)))),
    );
    sent.end(body);
  });
}

function collect(
  answer: IncomingMessage,
  fail: (failure: LineFailure) => void,
  done: (body: string) => void,
): void {
  const pieces: Buffer[] = [];
  let octets = 0;
  answer.on("data", (bytes: Buffer) => {
    octets += bytes.length;
    if (octets > BODY_OCTETS_MAX) fail(lineFailure("not_understood", "it does not stop talking"));
    else pieces.push(bytes);
  });
  answer.on("error", (error: Error) => fail(lineFailure("unreachable", error.message)));
  answer.on("end", () => done(Buffer.concat(pieces).toString("utf8")));
}

function answerOf(answer: IncomingMessage, body: string): HttpAnswer {
  return {
    status: answer.statusCode ?? 0,
    challenge: answer.headers["www-authenticate"] ?? "",
    body,
  };
}

/** What answers is no HTTP server (llhttp's codes). */
function isOfParser({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith("HPE_") === true;
}

/** The decoder reads no more; the two answers that we ask for have less than 2000. */
const BODY_OCTETS_MAX = 64 * 1024;
