import { createFakeProcesses } from "@passerelle/process";
import { afterEach, describe, expect, it } from "vitest";
import { createLinuxLine, type LineDriver, type LineErrorCode } from "../src/index.ts";
import { broadcomModem, draytekModem, LOGIN } from "./support/modems.ts";
import { endlessly, nobodysPort, rawServer } from "./support/raw-server.ts";
import { SoapModem } from "./support/soap-modem.ts";
import type { TelnetModem } from "./support/telnet-modem.ts";

const processes = createFakeProcesses();
const platform = createLinuxLine({ processes });
/** Who waits for silence does not wait long in a test. */
const impatient = createLinuxLine({ processes, patienceMs: 300 });
const closings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

type Kind = "draytek" | "broadcom" | "tr064";
const KINDS: readonly Kind[] = ["draytek", "broadcom", "tr064"];

function open(kind: Kind, port: number, on = platform): LineDriver {
  const driver = on.open({ driver: kind, address: "127.0.0.1", port, ...LOGIN });
  closings.push(() => driver.close());
  return driver;
}

async function raw(serve: Parameters<typeof rawServer>[0]): Promise<number> {
  const server = await rawServer(serve);
  closings.push(() => server.close());
  return server.port;
}

async function expectFailure(driver: LineDriver, code: LineErrorCode): Promise<void> {
  const answer = await driver.snapshot();
  expect(answer.ok || answer.error.code).toBe(code);
  if (!answer.ok) expect(answer.error.text.length).toBeLessThanOrEqual(200);
}

describe.each(KINDS)("%s", (kind) => {
  it("is unreachable where nobody listens", async () => {
    await expectFailure(open(kind, await nobodysPort()), "unreachable");
  });

  it("is unreachable where somebody hangs up at once", async () => {
    await expectFailure(open(kind, await raw((socket) => socket.end())), "unreachable");
  });

  it("is unreachable where somebody says nothing", async () => {
    await expectFailure(open(kind, await raw(() => {}), impatient), "unreachable");
  });

  it("is not understood where somebody does not stop talking", async () => {
    const port = await raw((socket) =>
      endlessly((text) => socket.write(text), socket, "x".repeat(4096)),
    );
    await expectFailure(open(kind, port), "not_understood");
  });

  it("is closed while it connects to somebody who says nothing", async () => {
    const met = Promise.withResolvers<void>();
    const driver = open(kind, await raw(() => met.resolve()));
    const asked = driver.snapshot();
    await met.promise;
    driver.close();
    const answer = await asked;
    expect(answer.ok || answer.error.code).toBe("closed");
  });
});

const CONSOLES: readonly (readonly ["draytek" | "broadcom", () => TelnetModem])[] = [
  ["draytek", draytekModem],
  ["broadcom", broadcomModem],
];

describe.each(CONSOLES)("%s, after the login", (kind, make) => {
  async function modem(): Promise<[TelnetModem, number]> {
    const made = make();
    const port = await made.listen();
    closings.push(() => made.close());
    return [made, port];
  }

  it("is unreachable where it hangs up in an answer, and is asked anew", async () => {
    const [telnet, port] = await modem();
    telnet.instead = (_, socket) => {
      socket.end("State : SHOW");
      return undefined;
    };
    const driver = open(kind, port);
    await expectFailure(driver, "unreachable");
    telnet.instead = undefined;
    expect((await driver.snapshot()).ok).toBe(true);
  });

  it("is unreachable where it stops in an answer, and is asked on another connection", async () => {
    const [telnet, port] = await modem();
    telnet.instead = (_, socket) => {
      socket.write("State : SHOW");
      return undefined;
    };
    // Long enough for a login on a machine that is busy.
    const driver = open(kind, port, createLinuxLine({ processes, patienceMs: 2000 }));
    await expectFailure(driver, "unreachable");
    expect(telnet.logins).toBe(1);
    telnet.instead = undefined;
    expect((await driver.snapshot()).ok).toBe(true);
    expect(telnet.logins).toBe(2);
  });

  it("is not understood where it does not stop talking", async () => {
    const [telnet, port] = await modem();
    telnet.instead = (_, socket) => {
      endlessly((text) => socket.write(text), socket, "State : SHOWTIME\r\n".repeat(100));
      return undefined;
    };
    await expectFailure(open(kind, port), "not_understood");
  });

  it("is not understood where it negotiates and does nothing else", async () => {
    const [telnet, port] = await modem();
    telnet.instead = (_, socket) => {
      const command = Buffer.from([255, 253, 24]).toString("latin1").repeat(100);
      endlessly((text) => socket.write(text, "latin1"), socket, command);
      return undefined;
    };
    await expectFailure(open(kind, port), "not_understood");
  });

  it("is not understood where it has pages without end", async () => {
    const [telnet, port] = await modem();
    telnet.instead = (_, socket) => {
      const below =
        kind === "broadcom"
          ? "--More--"
          : "--- MORE ---   ['q': Quit, 'Enter': New Lines, 'Space Bar': Next Page] ---";
      socket.on("data", () => socket.write(`\r\n${"x".repeat(4096)}\r\n${below}`));
      socket.write(below);
      return undefined;
    };
    await expectFailure(open(kind, port), "not_understood");
  });

  it("is not understood where it says something else", async () => {
    const [telnet, port] = await modem();
    telnet.instead = () => "\u0001\u00ff\u00fe <xml/> {} State\r\n:::::\r\n*****";
    await expectFailure(open(kind, port), "not_understood");
  });

  it("is left where it talks without being asked", async () => {
    const [telnet, port] = await modem();
    const driver = open(kind, port);
    expect((await driver.snapshot()).ok).toBe(true);
    await telnet.flood();
    expect((await driver.snapshot()).ok).toBe(true);
    expect(telnet.logins).toBe(2);
  });
});

describe("tr064, after the login", () => {
  async function modem(): Promise<[SoapModem, number]> {
    const made = new SoapModem(LOGIN);
    const port = await made.listen();
    closings.push(() => made.close());
    return [made, port];
  }

  it("is unreachable where it hangs up in an answer, and is asked anew", async () => {
    const [soap, port] = await modem();
    soap.instead = (_, response) => {
      response
        .writeHead(200, { "content-length": "1000" })
        .write("<?xml", () => response.destroy());
    };
    const driver = open("tr064", port);
    await expectFailure(driver, "unreachable");
    soap.instead = undefined;
    expect((await driver.snapshot()).ok).toBe(true);
  });

  it("is unreachable where it stops in an answer", async () => {
    const [soap, port] = await modem();
    soap.instead = (_, response) => void response.writeHead(200).write("<?xml");
    await expectFailure(open("tr064", port, impatient), "unreachable");
  });

  it("is not understood where it does not stop talking", async () => {
    const [soap, port] = await modem();
    soap.instead = (_, response) => {
      const { socket } = response.writeHead(200);
      if (socket !== null) endlessly((text) => response.write(text), socket, "<a>".repeat(1000));
    };
    await expectFailure(open("tr064", port), "not_understood");
  });

  it("is not understood where it speaks no HTTP", async () => {
    const port = await raw((socket) => socket.end("\u0001\u00ff{}\r\n\r\n"));
    await expectFailure(open("tr064", port), "not_understood");
  });
});
