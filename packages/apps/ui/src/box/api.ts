import type { Operation, Problem, ReplyOf, Routes } from "@passerelle/api";
import { type ApiClient, type Carry, createApiClient } from "@passerelle/api/client";

export type { Answer } from "@passerelle/api/client";

/** What an operation answers: `Reply<"GET /wan">`. */
export type Reply<Key extends Operation> = ReplyOf<Routes[Key]>;

/** What the shell does about answers that concern the whole page. */
interface DoorKeeper {
  /** Asks the person to prove who they are; true where they did. */
  readonly stepUp: () => Promise<boolean>;
  readonly sessionLost: () => void;
}

let keeper: DoorKeeper = { stepUp: async () => false, sessionLost: () => undefined };

export function setDoorKeeper(next: DoorKeeper): void {
  keeper = next;
}

const REQUEST_MS = 30_000;

const overFetch: Carry = async ({ method, path, headers, body }) => {
  try {
    const response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return unreachableAnswer;
  }
};

/** Calls without asking anybody: for the log-in and the step-up themselves. */
export const bareApi: ApiClient = createApiClient(overFetch);

/**
 * The box's API for pages. Where the box wants to know that a person is there, it asks them and repeats the call;
 * where the session is over, it leads to the log-in. Never throws: look at `ok`.
 */
export const api: ApiClient = createApiClient((request) => answeredOrAsked(request));

export const answeredOrAsked: Carry = async (request) => {
  const first = await overFetch(request);
  if (first.status === 401) keeper.sessionLost();
  if (first.status !== 403 || codeOf(first.text) !== "step_up_required") return first;
  return (await keeper.stepUp()) ? overFetch(request) : first;
};

function codeOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "code" in value ? value.code : undefined;
  } catch {
    return undefined;
  }
}

const unreachable: Problem = {
  type: "about:blank",
  title: "box_unreachable",
  status: 599,
  code: "box_unreachable",
  text: { fr: "La passerelle ne répond pas.", en: "The gateway does not answer." },
  next: {
    fr: "Vérifiez que cet appareil est encore relié à la passerelle, puis réessayez.",
    en: "Check that this device is still connected to the gateway, then try again.",
  },
};

/** Nobody answered. */
export const unreachableAnswer = { status: 599, text: JSON.stringify(unreachable) };
