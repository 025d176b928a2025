import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fixture } from "./fixtures.ts";

/** A FRITZ!Box that answers as the fixture says, and checks who asks by RFC 7616 as it stands there. */
export class SoapModem {
  readonly #server: Server;
  readonly #login: { readonly user: string; readonly password: string };
  readonly #counts = new Set<string>();
  #nonce = 1;
  #now = 0;
  #reached: (() => void) | undefined;
  /** Actions that were answered. */
  readonly asked: string[] = [];
  /** Requests that were sent away for a login. */
  unauthorized = 0;
  busiest = 0;
  /** Answers an action that has its login in another way. */
  instead: ((action: string, response: ServerResponse) => void) | undefined;

  constructor(login: { readonly user: string; readonly password: string }) {
    this.#login = login;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(port = 0): Promise<number> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nonces of before are worth nothing from now on. */
  age(): void {
    this.#nonce += 1;
  }

  mute(): Promise<void> {
    this.instead = () => {};
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#now += 1;
    this.busiest = Math.max(this.busiest, this.#now);
    response.on("close", () => {
      this.#now -= 1;
    });
    const body = await text(request);
    const action = /^"urn:dslforum-org:service:WANDSLInterfaceConfig:1#(\w+)"$/.exec(
      String(request.headers.soapaction),
    )?.[1];
    if (request.url !== PATH || request.method !== "POST" || !body.includes(`<u:${action} `)) {
      response.writeHead(404).end();
      return;
    }
    if (!this.#isKnown(request.headers.authorization ?? "")) {
      this.unauthorized += 1;
      const challenge = `Digest realm="F!Box \\"SOAP\\", Auth", nonce="${this.#nonce}", algorithm=MD5, qop="auth,auth-int", opaque="o"`;
      response.writeHead(401, { "www-authenticate": ['Basic realm="x"', challenge] }).end();
      return;
    }
    this.asked.push(action ?? "");
    this.#reached?.();
    if (this.instead !== undefined) this.instead(action ?? "", response);
    else response.writeHead(200, { "content-type": "text/xml" }).end(answerTo(action ?? ""));
  }

  #isKnown(authorization: string): boolean {
    const of = (name: string): string =>
      new RegExp(`\\b${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^,\\s]+))`)
        .exec(authorization)
        ?.slice(1)
        .find(Boolean) ?? "";
    const md5 = (said: string): string => createHash("md5").update(said).digest("hex");
    const { user, password } = this.#login;
    const first = md5(`${user}:F!Box "SOAP", Auth:${password}`);
    const second = md5(`POST:${PATH}`);
    const count = `${of("nonce")} ${of("nc")}`;
    const expected = md5(`${first}:${this.#nonce}:${of("nc")}:${of("cnonce")}:auth:${second}`);
    // A count that comes twice is a replay (RFC 7616 section 3.4).
    const isNew = !this.#counts.has(count);
    this.#counts.add(count);
    return (
      isNew &&
      of("nonce") === String(this.#nonce) &&
      of("uri") === PATH &&
      of("opaque") === "o" &&
      of("qop") === "auth" &&
      of("response") === expected
    );
  }
}

const PATH = "/upnp/control/wandslifconfig1";

/** The fixture has both answers in one body; here each is in its own. */
export function answerTo(action: string): string {
  const whole = fixture("tr064-fritzbox-vdsl.xml");
  const own = new RegExp(`<u:${action}Response[\\s\\S]*</u:${action}Response>`).exec(whole)?.[0];
  const head = whole.slice(0, whole.indexOf("<u:"));
  return `${head}${own}</s:Body></s:Envelope>`;
}

export function faultOf(code: number, description: string): string {
  return `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:dslforum-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>${description}</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`;
}
