import type { BrowserContext, Page } from "playwright-core";

/** Addresses of the box; any other is "elsewhere", where its page has nothing to ask. */
const HOME = /^(https?|wss?):\/\/(192\.168\.\d+\.1|box\.home\.arpa)(:\d+)?\//;
/** Of every page without TLS, whatever is on it: the header is for those with TLS. */
const NOTICES = /^The Cross-Origin-Opener-Policy header has been ignored/;
const INTERNAL = /^(data|blob|about|chrome-error):/;

/**
 * Writes down what no page of the box may do: errors, words of the content security policy, requests to anywhere
 * else, dialogs (a script of a stranger that runs would open one).
 */
export class Watch {
  readonly #errors: string[] = [];
  readonly requests: string[] = [];

  constructor(context: BrowserContext) {
    for (const page of context.pages()) this.#follow(page);
    context.on("page", (page) => this.#follow(page));
    context.on("request", (request) => this.#asked(request.url()));
  }

  /** Everything that went wrong and is not expected; `expected` are what the test itself provoked. */
  problems(...expected: readonly RegExp[]): readonly string[] {
    return this.#errors.filter((error) => !expected.some((pattern) => pattern.test(error)));
  }

  clear(): void {
    this.#errors.length = 0;
  }

  #follow(page: Page): void {
    page.on("console", (message) => {
      if (NOTICES.test(message.text())) return;
      if (message.type() === "error" || /content security policy|trusted/i.test(message.text()))
        this.#errors.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#errors.push(`error: ${error.stack ?? error.message}`));
    page.on("crash", () => this.#errors.push("the page crashed"));
    page.on("dialog", (dialog) => {
      this.#errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("websocket", (socket) => this.#asked(socket.url()));
  }

  #asked(url: string): void {
    this.requests.push(url);
    if (!HOME.test(url) && !INTERNAL.test(url)) this.#errors.push(`request to elsewhere: ${url}`);
  }
}
