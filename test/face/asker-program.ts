/**
 * Runs as a host of the lab: one request a line of JSON on the input, one answer a line on the output. The path goes
 * out as it is: nothing is normalised on the way to the box.
 */
import { request as askPlain, type IncomingMessage } from "node:http";
import { request as askSecure } from "node:https";
import { createInterface } from "node:readline";
import type { Answered, Question } from "./asker.ts";

const BODY_MAX = 8 * 1024 * 1024;
const WAIT_MS = 15_000;

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, question } = JSON.parse(line) as { id: number; question: Question };
  ask(question).then(
    (answer) => say({ id, answer }),
    (error: unknown) => say({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});

function ask(question: Question): Promise<Answered> {
  const { method = "GET", path, headers = {}, body, secure = false, to = "192.168.1.1" } = question;
  const port = question.port ?? (secure ? 443 : 80);
  return new Promise((resolve, reject) => {
    const request = (secure ? askSecure : askPlain)({
      ...{ method, path, port, host: to, timeout: WAIT_MS, agent: false },
      ...(question.from === undefined ? {} : { localAddress: question.from }),
      headers: {
        ...(headers.host === undefined && headers.Host === undefined ? { host: to } : {}),
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        ...headers,
      },
      rejectUnauthorized: false,
    });
    const done = ({ statusCode, headers: of }: IncomingMessage, text: string) =>
      resolve({ status: statusCode ?? 0, headers: of, text });
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      done(response, "");
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const end = () => done(response, Buffer.concat(chunks).toString());
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        // A stream of events does not end: what came first is what is wanted.
        if (question.firstChunk === true || size > BODY_MAX) {
          end();
          request.destroy();
        }
      });
      response.on("end", end);
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer in ${WAIT_MS} ms`)));
    request.on("error", reject);
    request.end(body);
  });
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
