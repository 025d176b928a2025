import type { SystemUpgrade } from "@passerelle/contract";
import { Admin, labelOf, must } from "../face/admin.ts";
import { Asker } from "../face/asker.ts";
import type { Lab } from "../lab/lab.ts";

/** A person who brings the box another version, with nothing but the API of its page, from a device of the home. */
export class Upgrader implements Disposable {
  readonly #lab: Lab;
  readonly #asker: Asker;
  #admin: Admin;

  private constructor(lab: Lab, asker: Asker, admin: Admin) {
    this.#lab = lab;
    this.#asker = asker;
    this.#admin = admin;
  }

  static async open(lab: Lab): Promise<Upgrader> {
    await lab.lease("udhcpc", "lan1");
    const asker = new Asker(lab, "lan1");
    // A box that starts for the first time serves its page, and then once more on the addresses it has settled on.
    const admin = await lab.waitFor(
      "the page lets its owner in",
      () => Admin.login(asker, labelOf(lab)).catch(() => undefined),
      60_000,
    );
    const upgrader = new Upgrader(lab, asker, admin);
    await upgrader.#admin.stepUp(labelOf(lab));
    return upgrader;
  }

  get admin(): Admin {
    return this.#admin;
  }

  /** Undefined while the box is on its way: starting, or without a page. */
  async state(): Promise<SystemUpgrade | undefined> {
    try {
      const answer = await this.#admin.api.call("GET /system/upgrade");
      if (answer.ok) return answer.data;
      // A box that started again knows nobody.
      if (answer.problem.status === 401) {
        this.#admin = await Admin.login(this.#asker, labelOf(this.#lab));
      }
    } catch {
      // No answer at all.
    }
    return undefined;
  }

  until(
    what: string,
    wanted: (state: SystemUpgrade) => boolean,
    timeoutMs: number,
  ): Promise<SystemUpgrade> {
    let last: SystemUpgrade | undefined;
    return this.#lab
      .waitFor(
        what,
        async () => {
          const state = await this.state();
          last = state ?? last;
          return state !== undefined && wanted(state) ? state : undefined;
        },
        timeoutMs,
        LOOK_EVERY_MS,
      )
      .catch((error: unknown) => {
        throw new Error(`${String(error)}; the last that was heard: ${JSON.stringify(last)}`);
      });
  }

  /** Uploads a bundle and waits for what the box thinks of it. */
  async bring(bundle: string): Promise<SystemUpgrade> {
    const said = await this.#lab.must(
      "lan1",
      [
        ...["curl", "-sS", "-X", "POST", "-T", bundle, "-w", "%{http_code}"],
        ...["-H", `Authorization: Bearer ${this.#admin.token}`, "-H", "x-passerelle: 1"],
        ...["-H", "content-type: application/octet-stream", "-H", "Expect:"],
        "http://192.168.1.1/api/v1/system/upgrade",
      ],
      { timeoutMs: UPLOAD_MS },
    );
    if (!said.endsWith("202")) throw new Error(`upload: ${said}`);
    return this.until("an opinion of the bundle", ({ phase }) => OPINIONS.has(phase.kind), 60_000);
  }

  async installAndRestart(): Promise<void> {
    must(await this.#admin.api.call("POST /system/upgrade/install", { body: { restart: true } }));
  }

  [Symbol.dispose](): void {
    this.#asker[Symbol.dispose]();
  }
}

const OPINIONS: ReadonlySet<string> = new Set(["ready", "refused"]);
const UPLOAD_MS = 300_000;
const LOOK_EVERY_MS = 400;
