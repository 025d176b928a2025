import { type ApiClient, createApiClient } from "@passerelle/api/client";
import { readLabelPassword } from "../lab/gateway/label.ts";
import type { Lab } from "../lab/lab.ts";
import type { HostName } from "../lab/topology.ts";
import { type Answered, Asker, type Question } from "./asker.ts";

/** A program of a person of the house: logged in with a bearer token, speaks the API and nothing else. */
export class Admin {
  readonly asker: Asker;
  readonly token: string;
  readonly api: ApiClient;

  private constructor(asker: Asker, token: string, to: string | undefined) {
    this.asker = asker;
    this.token = token;
    this.api = createApiClient(async ({ method, path, headers, body }) =>
      asker.ask({
        ...{ method, path, headers: { ...headers, authorization: `Bearer ${token}` } },
        ...(body === undefined ? {} : { body }),
        ...(to === undefined ? {} : { to }),
      }),
    );
  }

  /** Logs in; where the box asks to wait after somebody's wrong passwords, waits. */
  static async login(asker: Asker, password: string, to?: string): Promise<Admin> {
    for (;;) {
      const answer = await asker.ask(loginQuestion(password, "bearer", to));
      if (answer.status === 429) {
        await new Promise((resolve) => setTimeout(resolve, waitOf(answer)));
        continue;
      }
      if (answer.status !== 201) throw new Error(`login: ${answer.status} ${answer.text}`);
      const { token } = JSON.parse(answer.text) as { readonly token: string };
      return new Admin(asker, token, to);
    }
  }

  /** A request of this person, for those that the typed client would not send. */
  ask(question: Question): Promise<Answered> {
    return this.asker.ask({
      ...question,
      headers: {
        "x-passerelle": "1",
        authorization: `Bearer ${this.token}`,
        ...(question.body === undefined ? {} : { "content-type": "application/json" }),
        ...question.headers,
      },
    });
  }

  async stepUp(password: string): Promise<void> {
    const body = { kind: "password" as const, password };
    must(await this.api.call("POST /sessions/current/step-up", { body }));
  }
}

export function loginQuestion(
  password: string,
  transport: "cookie" | "bearer" = "bearer",
  to?: string,
): Question {
  return {
    method: "POST",
    path: "/api/v1/sessions",
    headers: { "content-type": "application/json", "x-passerelle": "1" },
    body: JSON.stringify({ kind: "password", password, transport }),
    ...(to === undefined ? {} : { to }),
  };
}

/** The data of an answer; a refusal is an error that says its code. */
export function must<R>(
  answer:
    | { readonly ok: true; readonly data: R }
    | { readonly ok: false; readonly problem: { readonly code: string; readonly status: number } },
): R {
  if (answer.ok) return answer.data;
  throw new Error(`refused: ${JSON.stringify(answer.problem)}`);
}

/** The password that stands on the label of this lab's box. */
export function labelOf(lab: Lab): string {
  const password = readLabelPassword(lab.name);
  if (password === undefined) throw new Error("this lab has no label");
  return password;
}

/** A lease, an asker and a login: the ordinary beginning of a test. */
export async function adminOn(lab: Lab, host: HostName = "lan1"): Promise<Admin> {
  await lab.lease("udhcpc", host);
  return Admin.login(new Asker(lab, host), labelOf(lab));
}

function waitOf(answer: Answered): number {
  return (Number(answer.headers["retry-after"] ?? "1") + 0.2) * 1000;
}
