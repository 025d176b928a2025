import type { ReplyOf, Routes } from "@passerelle/api";
import { answerOf } from "@passerelle/api/client";
import { argument, type Call, type Command, flag } from "../command.ts";
import { EXIT } from "../exit.ts";
import { Failure, got, ownFailure, UsageError } from "../failure.ts";
import { mustOpen } from "../kept.ts";
import type { Screen } from "../screen.ts";

type Upgrade = ReplyOf<Routes["GET /system/upgrade"]>;
type Phase = Upgrade["phase"];

const YES = { about: { fr: "oui, vraiment", en: "yes, really" } } as const;

export const upgradeCommands: readonly Command[] = [
  {
    path: ["upgrade", "status"],
    isDefault: true,
    about: {
      fr: "la version en service, l'autre système, ce que devient une mise à jour",
      en: "the version that runs, the other system, what becomes of an update",
    },
    examples: [
      {
        words: "upgrade",
        about: { fr: "que s'est-il passé la dernière fois ?", en: "what came of the last one?" },
      },
    ],
    uses: ["GET /system/upgrade"],
    run: async (call) => {
      const upgrade = await look(call);
      if (call.json) call.screen.json(upgrade);
      else show(upgrade, call.screen);
      return EXIT.ok;
    },
  },
  {
    path: ["upgrade", "install"],
    about: {
      fr: "installe un fichier de mise à jour, puis redémarre",
      en: "installs an update file, then restarts",
    },
    args: [
      {
        name: "FILE",
        about: { fr: "le fichier .raucb", en: "the .raucb file" },
        completes: "file",
      },
    ],
    options: {
      "no-restart": {
        about: {
          fr: "ne redémarre pas : la version attend",
          en: "does not restart: the version waits",
        },
      },
      yes: YES,
    },
    examples: [
      {
        words: "upgrade install passerelle.raucb --yes",
        about: {
          fr: "si elle ne fonctionne pas, l'ancienne revient",
          en: "if it does not work, the old one comes back",
        },
      },
    ],
    uses: ["POST /system/upgrade", "GET /system/upgrade", "POST /system/upgrade/install"],
    run: install,
  },
  {
    path: ["upgrade", "rollback"],
    about: { fr: "redémarre sur l'autre système", en: "restarts with the other system" },
    options: { yes: YES },
    examples: [
      {
        words: "upgrade rollback --yes",
        about: { fr: "les réglages restent", en: "the settings stay" },
      },
    ],
    uses: ["POST /system/upgrade/rollback"],
    run: async (call) => {
      insist(call, "upgrade rollback");
      await got(call.api.call("POST /system/upgrade/rollback"));
      return restarting(call);
    },
  },
];

async function install(call: Call): Promise<number> {
  const { api, door, world, screen } = call;
  const path = argument(call, 0);
  insist(call, "upgrade install");
  const file = await mustOpen(world, path);
  const headers = { "content-type": "application/octet-stream", "x-passerelle": "1" };
  const target = { method: "POST", path: "/api/v1/system/upgrade", headers };
  // Asked first with nothing: who is refused in the middle of a large file may never read why.
  const asked = answerOf(await door.carry(target));
  if (!asked.ok && asked.problem.code !== "length_required") throw new Failure(asked.problem);
  const opened = await door.open({ ...target, file }, world.stopped);
  let text = "";
  for await (const chunk of opened.body) text += new TextDecoder().decode(chunk);
  await got(Promise.resolve(answerOf({ status: opened.status, text })));
  const ready = await until(call, ["idle", "inspecting"]);
  if (ready.kind !== "ready") throw refusal(ready);
  if (!call.json) {
    screen.line(
      screen.say({ fr: "Version ", en: "Version " }),
      { text: ready.bundle.version, colour: "strong" },
      ` (${ready.bundle.board})`,
    );
  }
  const restart = !flag(call, "no-restart");
  await got(api.call("POST /system/upgrade/install", { body: { restart } }));
  const end = await until(call, ["ready", "installing"]);
  if (end.kind === "restarting") return restarting(call);
  if (end.kind !== "installed") throw refusal(end);
  if (!call.json) {
    screen.line(
      screen.say({
        fr: "Installée : elle démarre au prochain redémarrage.",
        en: "Installed: it starts with the next restart.",
      }),
    );
  }
  return EXIT.ok;
}

/** Looks for as long as it is one of these. */
async function until(call: Call, passing: readonly Phase["kind"][]): Promise<Phase> {
  let shown = -1;
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const { phase } = await look(call);
    if (!passing.includes(phase.kind)) return phase;
    if (phase.kind === "installing" && !call.json && phase.percent !== shown) {
      shown = phase.percent;
      call.screen.line({ text: `${Math.round(phase.percent)} %`, colour: "quiet" });
    }
    await call.world.wait(LOOK_MS);
    call.world.stopped.throwIfAborted();
  }
  throw ownFailure("diagnosis_too_long", ["upgrade"]);
}

function look({ api }: Call): Promise<Upgrade> {
  return got(api.call("GET /system/upgrade"));
}

/** What the box said of the bundle is the end of the command. */
function refusal(phase: Phase): Error {
  if (phase.kind !== "refused" && phase.kind !== "failed") {
    return ownFailure("diagnosis_too_long", [phase.kind]);
  }
  const { code, text, next } = phase.fault;
  const said = { type: "about:blank", title: code, status: 409, code, text };
  return new Failure({ ...said, ...(next === undefined ? {} : { next }) });
}

function restarting({ json, screen }: Call): number {
  if (!json) {
    screen.line(
      screen.say({
        fr: "La passerelle redémarre ; « passerelle upgrade » dira ce qu'il en est.",
        en: 'The gateway restarts; "passerelle upgrade" will say what came of it.',
      }),
    );
  }
  return EXIT.ok;
}

function insist(call: Call, name: string): void {
  if (flag(call, "yes")) return;
  throw new UsageError(
    { fr: "ajoutez --yes pour le faire vraiment", en: "add --yes to really do it" },
    name,
  );
}

function show({ running, other, phase, proven, missing, last }: Upgrade, screen: Screen): void {
  const say = screen.say.bind(screen);
  screen.line(say({ fr: "Version en service : ", en: "Running version: " }), {
    text: running.version,
    colour: "strong",
  });
  if (other !== undefined) {
    const what = other.version ?? say({ fr: "d'usine", en: "of the factory" });
    const bad = other.bootable ? "" : say({ fr: ", ne démarre pas", en: ", does not start" });
    screen.line(say({ fr: "Autre système : ", en: "Other system: " }), `${what}${bad}`);
  }
  screen.line(say(PHASES[phase.kind]));
  if ("fault" in phase) screen.line(say(phase.fault.text));
  if (phase.kind !== "unsupported" && !proven) {
    const lacks = missing.length === 0 ? "" : ` (${missing.join(", ")})`;
    screen.line(
      `${say({ fr: "Ce démarrage n'a pas encore fait ses preuves", en: "This start has not proved itself yet" })}${lacks}`,
    );
  }
  if (last !== undefined) {
    screen.line(`${say(ENDS[last.kind])} ${last.from} → ${last.version}`);
  }
}

const PHASES = {
  unsupported: {
    fr: "Cette machine n'a qu'un seul système : elle se met à jour autrement.",
    en: "This machine has one system only: it is updated in another way.",
  },
  idle: { fr: "Aucune mise à jour en cours.", en: "No update is under way." },
  inspecting: { fr: "Le fichier est vérifié.", en: "The file is being checked." },
  refused: { fr: "La mise à jour est refusée.", en: "The update was refused." },
  ready: { fr: "Une mise à jour est prête.", en: "An update is ready." },
  installing: { fr: "La mise à jour est en cours d'écriture.", en: "The update is being written." },
  failed: { fr: "La mise à jour n'a pas pu être écrite.", en: "The update could not be written." },
  installed: { fr: "Elle attend le redémarrage.", en: "It waits for the restart." },
  restarting: { fr: "La passerelle redémarre.", en: "The gateway restarts." },
  trial: { fr: "La nouvelle version fait ses preuves.", en: "The new version proves itself." },
} as const satisfies Readonly<Record<Phase["kind"], { readonly fr: string; readonly en: string }>>;

const ENDS = {
  kept: { fr: "La dernière est gardée :", en: "The last one was kept:" },
  fell_back: {
    fr: "La dernière n'a pas fait ses preuves, l'ancienne est revenue :",
    en: "The last one did not prove itself, the old one is back:",
  },
  went_back: { fr: "Retour à l'autre système :", en: "Back to the other system:" },
} as const;

const LOOK_MS = 500;
/** A quarter of an hour. */
const LOOKS_MAX = 1800;
