import type { Method } from "@passerelle/api";
import { argument, type Call, type Command, option } from "../command.ts";
import { EXIT } from "../exit.ts";
import { UsageError } from "../failure.ts";
import { refusalOf } from "../follow.ts";
import { mustReadText, writeFile } from "../kept.ts";

const METHODS: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const apiCommands: readonly Command[] = [
  {
    path: ["api"],
    about: {
      fr: "n'importe quelle opération de l'API, telle quelle",
      en: "any operation of the API, as it is",
    },
    args: [
      { name: "METHOD", choices: METHODS, about: { fr: "méthode HTTP", en: "method of HTTP" } },
      {
        name: "PATH",
        completes: "operation",
        about: { fr: "chemin, avec ou sans /api/v1", en: "path, with or without /api/v1" },
      },
      {
        name: "JSON",
        isOptional: true,
        about: {
          fr: "corps, ou « - » pour l'entrée standard",
          en: 'body, or "-" for standard input',
        },
      },
    ],
    options: {
      output: {
        short: "o",
        value: "FILE",
        completes: "file",
        about: { fr: "écrit la réponse dans ce fichier", en: "writes the answer to this file" },
      },
    },
    examples: [
      { words: "api GET /hosts", about: { fr: "une lecture", en: "a reading" } },
      {
        words: "api POST /wan/reconnect",
        about: { fr: "une action sans corps", en: "an action without a body" },
      },
      {
        words: "api GET /openapi.json -o openapi.json",
        about: { fr: "le document de toute l'API", en: "the document of the whole API" },
      },
    ],
    // Whichever it is given; this is the one that lists them all.
    uses: ["GET /openapi.json"],
    run: raw,
  },
];

async function raw(call: Call): Promise<number> {
  const { door, world, screen } = call;
  const body = await bodyOf(call);
  const request = {
    method: argument(call, 0),
    path: pathOf(argument(call, 1)),
    headers: {
      accept: "application/json, */*",
      "x-passerelle": "1",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  };
  const output = option(call, "output");
  if (output !== undefined) {
    const opened = await door.open(request, world.stopped);
    if (!isSuccess(opened.status)) throw await refusalOf(opened);
    await writeFile(world, output, opened.body);
    return EXIT.ok;
  }
  const { status, text } = await door.carry(request);
  if (!isSuccess(status)) throw await refusalOf({ status, body: once(text) });
  if (text === "") return EXIT.ok;
  const value = parsed(text);
  if (value === undefined) screen.page(text);
  else screen.json(value, call.json ? undefined : 2);
  return EXIT.ok;
}

async function bodyOf({ words, world }: Call): Promise<string | undefined> {
  const [, , word] = words.args;
  const body = word === "-" ? await mustReadText(world, "-") : word;
  if (body !== undefined && parsed(body) === undefined)
    throw new UsageError({ fr: "le corps n'est pas du JSON", en: "the body is not JSON" }, "api");
  return body;
}

function pathOf(word: string): string {
  // What a URL can't hold would be refused by Node in its own words.
  if (!/^\/[\x21-\x7e]*$/.test(word))
    throw new UsageError(
      {
        fr: `« ${word} » n'est pas un chemin comme /hosts`,
        en: `"${word}" is no path such as /hosts`,
      },
      "api",
    );
  return word.startsWith("/api/") ? word : `/api/v1${word}`;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
