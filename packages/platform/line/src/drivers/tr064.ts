import { randomBytes } from "node:crypto";
import { ok, type Result } from "@passerelle/result";
import { decodeSoapFields, decodeWanDsl } from "@passerelle/xdsl";
import { askingDriver } from "../driver.ts";
import { type DigestChallenge, digestAuthorization, digestChallenge } from "../http/digest.ts";
import { type HttpAnswer, post } from "../http/post.ts";
import { type LineFailure, lineFailure, notUnderstood } from "../line-error.ts";
import { controlInLogin, isOneLine } from "../login.ts";
import type { ConsoleSettings, LineDriver, LineError } from "../port.ts";

/** A FRITZ!Box by TR-064. It tells nothing of its tones there, and does not let anybody train its line anew. */
export function openTr064(modem: ConsoleSettings, patienceMs: number): LineDriver {
  const service = new WanDslService(modem, patienceMs);
  return askingDriver({
    async snapshot(signal) {
      const info = await service.call("GetInfo", signal);
      if (!info.ok) return info;
      const statistics = await service.call("GetStatisticsTotal", signal);
      // Older boxes do not count: what they know stands without it.
      if (!statistics.ok && statistics.error.code !== "unsupported") return statistics;
      const line = decodeWanDsl(info.value, statistics.ok ? statistics.value : undefined);
      return line.ok ? line : notUnderstood("GetInfo", line.error);
    },
  });
}

class WanDslService {
  readonly #modem: ConsoleSettings;
  readonly #patienceMs: number;
  /** The server's last challenge, good for many requests until it says otherwise. */
  #challenge: { readonly said: DigestChallenge; uses: number } | undefined;

  constructor(modem: ConsoleSettings, patienceMs: number) {
    this.#modem = modem;
    this.#patienceMs = patienceMs;
  }

  /** The body of the answer to an action without arguments. */
  async call(action: string, signal: AbortSignal): Promise<Result<string, LineError>> {
    if (!isOneLine(this.#modem)) return controlInLogin();
    let answer = await this.#post(action, signal);
    // Without a login, or with one for a challenge that aged meanwhile: its new challenge is answered, once.
    if (answer.ok && answer.value.status === UNAUTHORIZED) {
      const failed = this.#take(answer.value);
      if (failed !== undefined) return failed;
      answer = await this.#post(action, signal);
    }
    if (!answer.ok) return answer;
    if (answer.value.status !== UNAUTHORIZED) return bodyOf(action, answer.value);
    this.#challenge = undefined;
    return lineFailure("login_refused", "it does not take the name and the password");
  }

  #take({ challenge }: HttpAnswer): LineFailure | undefined {
    const said = digestChallenge(challenge);
    this.#challenge = said === undefined ? undefined : { said, uses: 0 };
    if (said !== undefined) return undefined;
    return lineFailure("not_understood", `it asks for another kind of login: ${challenge}`);
  }

  #post(action: string, signal: AbortSignal): Promise<Result<HttpAnswer, LineError>> {
    return post({
      address: this.#modem.address,
      port: this.#modem.port ?? PORT,
      path: PATH,
      headers: {
        "content-type": 'text/xml; charset="utf-8"',
        soapaction: `"${SERVICE}#${action}"`,
        ...this.#authorization(),
      },
      body: envelope(action),
      patienceMs: this.#patienceMs,
      signal,
    });
  }

  #authorization(): Readonly<Record<string, string>> {
    const kept = this.#challenge;
    if (kept === undefined) return {};
    kept.uses += 1;
    const authorization = digestAuthorization({
      challenge: kept.said,
      user: this.#modem.user,
      password: this.#modem.password,
      method: "POST",
      uri: PATH,
      cnonce: randomBytes(16).toString("hex"),
      count: kept.uses,
    });
    return { authorization };
  }
}

function bodyOf(action: string, { status, body }: HttpAnswer): Result<string, LineError> {
  if (status === 200) return ok(body);
  if (status === 403) return lineFailure("login_refused", `${action}: HTTP 403`);
  if (status === 404) return lineFailure("unsupported", "it has no such service");
  const fault = status === 500 ? decodeSoapFields(body) : undefined;
  if (fault?.ok !== true) return lineFailure("not_understood", `${action}: HTTP ${status}`);
  const code = fault.value.get("errorCode") ?? "";
  const text = `${action}: ${code} ${fault.value.get("errorDescription") ?? ""}`;
  if (code === NOT_AUTHORIZED) return lineFailure("login_refused", text);
  return lineFailure(NOT_THERE.includes(code) ? "unsupported" : "not_understood", text);
}

function envelope(action: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${SERVICE}"></u:${action}></s:Body></s:Envelope>`;
}

const SERVICE = "urn:dslforum-org:service:WANDSLInterfaceConfig:1";
const PATH = "/upnp/control/wandslifconfig1";
const PORT = 49_000;
const UNAUTHORIZED = 401;
/** UPnP Device Architecture 1.0 section 3.2.2: invalid action, optional action not implemented. */
const NOT_THERE: readonly string[] = ["401", "602"];
const NOT_AUTHORIZED = "606";
