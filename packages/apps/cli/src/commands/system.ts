import { isJsonObject } from "@passerelle/json";
import { type Call, type Command, flag, option } from "../command.ts";
import { EXIT } from "../exit.ts";
import { got, UsageError } from "../failure.ts";
import { bytesText } from "../format.ts";
import { writeFile } from "../kept.ts";

const YES = {
  yes: { about: { fr: "oui, vraiment", en: "yes, really" } },
} as const;

export const systemCommands: readonly Command[] = [
  {
    path: ["support-bundle"],
    about: {
      fr: "un rapport pour qui vous aide, sans aucun secret",
      en: "a report for whoever helps you, without a secret",
    },
    options: {
      output: {
        short: "o",
        value: "FILE",
        completes: "file",
        about: {
          fr: "fichier à écrire, « - » pour la sortie standard (passerelle-support.json)",
          en: 'file to write, "-" for standard output (passerelle-support.json)',
        },
      },
    },
    examples: [
      {
        words: "support-bundle -o report.json",
        about: { fr: "lisez-le avant de l'envoyer", en: "read it before you send it" },
      },
    ],
    uses: ["POST /system/support-bundle"],
    run: supportBundle,
  },
  {
    path: ["system", "reboot"],
    about: { fr: "redémarre la passerelle", en: "starts the box again" },
    options: YES,
    examples: [
      {
        words: "system reboot --yes",
        about: { fr: "une minute sans Internet", en: "a minute without Internet" },
      },
    ],
    uses: ["POST /system/reboot"],
    run: async (call) => {
      insist(call, "system reboot");
      await got(call.api.call("POST /system/reboot"));
      return told(call, { fr: "La passerelle redémarre.", en: "The gateway starts again." });
    },
  },
  {
    path: ["system", "factory-reset"],
    about: {
      fr: "efface tout et revient à l'état d'usine",
      en: "erases everything and goes back to how it left the factory",
    },
    options: YES,
    examples: [
      {
        words: "system factory-reset --yes",
        about: {
          fr: "réglages, appareils et journaux sont perdus",
          en: "settings, devices and logs are lost",
        },
      },
    ],
    uses: ["POST /system/factory-reset"],
    run: async (call) => {
      insist(call, "system factory-reset");
      await got(call.api.call("POST /system/factory-reset"));
      return told(call, {
        fr: "La passerelle efface tout et redémarre.",
        en: "The gateway erases everything and starts again.",
      });
    },
  },
];

function insist(call: Call, name: string): void {
  if (flag(call, "yes")) return;
  throw new UsageError(
    { fr: "ajoutez --yes pour le faire vraiment", en: "add --yes to really do it" },
    name,
  );
}

function told(
  { json, screen }: Call,
  sentence: { readonly fr: string; readonly en: string },
): number {
  if (!json) screen.line(screen.say(sentence));
  return EXIT.ok;
}

async function supportBundle(call: Call): Promise<number> {
  const { api, screen, world } = call;
  const reply = await got(api.call("POST /system/support-bundle"));
  const path = option(call, "output");
  if (call.json && path === undefined) {
    screen.json(reply);
    return EXIT.ok;
  }
  if (path === "-") {
    screen.raw(reply.document);
    return EXIT.ok;
  }
  const file = path ?? "passerelle-support.json";
  await writeFile(world, file, reply.document);
  if (call.json) return EXIT.ok;
  const size = bytesText(new TextEncoder().encode(reply.document).length, screen.language);
  screen.line(
    screen.say({ fr: "Écrit : ", en: "Written: " }),
    { text: file, colour: "strong" },
    ` (${size})`,
  );
  // So that the person sees what is in it.
  const parts = partsOf(reply.document);
  if (parts !== "") screen.line(screen.say({ fr: "Contient : ", en: "Holds: " }), parts);
  return EXIT.ok;
}

function partsOf(document: string): string {
  try {
    const value: unknown = JSON.parse(document);
    return isJsonObject(value) ? Object.keys(value).slice(0, PARTS_SHOWN).join(", ") : "";
  } catch {
    return "";
  }
}

const PARTS_SHOWN = 40;
