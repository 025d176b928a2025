import type { InputOf, ReplyOf, Routes } from "@passerelle/api";
import { type Argument, argument, type Call, type Command, option } from "../command.ts";
import { findDevice } from "../devices.ts";
import { EXIT } from "../exit.ts";
import { got, UsageError } from "../failure.ts";
import { timeText } from "../format.ts";
import { fetchFile, watchJob } from "../jobs.ts";
import { wholeNumber } from "../parse.ts";

type Diagnosis = InputOf<"POST /diagnostics", Routes["POST /diagnostics"]>["body"];
type Lookup = Extract<Diagnosis, { kind: "dns_lookup" }>["type"];

const TARGET: Argument = {
  name: "TARGET",
  about: { fr: "nom ou adresse", en: "name or address" },
};
const LOOKUPS: readonly Lookup[] = [
  "A",
  "AAAA",
  "PTR",
  "MX",
  "TXT",
  "NS",
  "SOA",
  "CNAME",
  "SRV",
  "HTTPS",
];
const JOB = ["POST /diagnostics", "GET /jobs/{id}", "DELETE /jobs/{id}"] as const;

export const diagnoseCommands: readonly Command[] = [
  {
    path: ["diag", "no-internet"],
    about: { fr: "pourquoi Internet ne marche pas", en: "why there is no Internet" },
    examples: [
      {
        words: "diag no-internet",
        about: {
          fr: "du câble aux serveurs de noms ; finit par 2 en cas de panne",
          en: "from the cable to the name servers; ends with 2 on a fault",
        },
      },
    ],
    uses: JOB,
    run: (call) => diagnose(call, { kind: "no_internet" }),
  },
  {
    path: ["diag", "slow"],
    about: { fr: "pourquoi Internet est lent", en: "why the Internet is slow" },
    examples: [{ words: "diag slow", about: { fr: "en mesurant", en: "by measuring" } }],
    uses: JOB,
    run: (call) => diagnose(call, { kind: "slow" }),
  },
  {
    path: ["diag", "ping"],
    about: {
      fr: "si une adresse répond, et en combien de temps",
      en: "whether an address answers, and how fast",
    },
    args: [TARGET],
    options: {
      count: {
        value: "N",
        about: { fr: "nombre d'essais (1 à 100 ; 5)", en: "how many (1 to 100; 5)" },
      },
    },
    examples: [
      { words: "diag ping example.org --count 10", about: { fr: "dix fois", en: "ten times" } },
    ],
    uses: JOB,
    run: (call) =>
      diagnose(call, {
        kind: "ping",
        target: argument(call, 0),
        count: wholeNumber("--count", option(call, "count"), 1, 100) ?? 5,
      }),
  },
  {
    path: ["diag", "trace"],
    about: { fr: "par où passe le chemin", en: "which way the packets go" },
    args: [TARGET],
    examples: [
      {
        words: "diag trace example.org",
        about: { fr: "un routeur par ligne", en: "one router a line" },
      },
    ],
    uses: JOB,
    run: (call) => diagnose(call, { kind: "trace", target: argument(call, 0) }),
  },
  {
    path: ["diag", "dns"],
    about: { fr: "ce que répond le serveur de noms", en: "what the name server answers" },
    args: [{ name: "NAME", about: { fr: "nom à chercher", en: "name to look up" } }],
    options: {
      type: { value: "TYPE", choices: LOOKUPS, about: { fr: "type (A)", en: "type (A)" } },
      resolver: {
        value: "ADDRESS",
        about: {
          fr: "serveur à interroger, sinon celui de la maison",
          en: "server to ask, else that of the home",
        },
      },
    },
    examples: [
      { words: "diag dns example.org --type AAAA", about: { fr: "en IPv6", en: "for IPv6" } },
    ],
    uses: JOB,
    run: (call) => {
      const type = LOOKUPS.find((known) => known === option(call, "type")) ?? "A";
      const resolver = option(call, "resolver");
      return diagnose(call, {
        kind: "dns_lookup",
        target: argument(call, 0),
        type,
        ...(resolver === undefined ? {} : { resolver }),
      });
    },
  },
  {
    path: ["diag", "capture"],
    about: { fr: "enregistre des paquets (pcap)", en: "records packets (pcap)" },
    args: [
      {
        name: "NETWORK",
        about: { fr: "« wan » ou un réseau de la maison", en: '"wan" or a network of the home' },
      },
    ],
    options: {
      seconds: { value: "N", about: { fr: "durée (1 à 300 ; 10)", en: "how long (1 to 300; 10)" } },
      device: { value: "ID", about: { fr: "un seul appareil", en: "one device only" } },
      output: {
        short: "o",
        value: "FILE",
        completes: "file",
        about: {
          fr: "fichier à écrire, « - » pour la sortie standard (capture.pcap)",
          en: 'file to write, "-" for standard output (capture.pcap)',
        },
      },
    },
    examples: [
      {
        words: "diag capture lan --device tv --seconds 30 -o tv.pcap",
        about: { fr: "la télévision, une demi-minute", en: "the television, half a minute" },
      },
    ],
    uses: [...JOB, "GET /hosts", "GET /jobs/{id}/file"],
    run: capture,
  },
  {
    path: ["diag", "wake"],
    about: { fr: "réveille un appareil et le dit", en: "wakes a device and says so" },
    args: [
      {
        name: "ID",
        about: { fr: "appareil ou adresse matérielle", en: "device or hardware address" },
      },
    ],
    examples: [{ words: "diag wake nas", about: { fr: "par son nom", en: "by its name" } }],
    uses: [...JOB, "GET /hosts"],
    run: async (call) =>
      diagnose(call, { kind: "wake", mac: await macOf(call, argument(call, 0)) }),
  },
  {
    path: ["diag", "jobs"],
    about: {
      fr: "les diagnostics en cours, et les derniers",
      en: "diagnoses that run, and the last ones",
    },
    examples: [{ words: "diag jobs", about: { fr: "avec leur état", en: "with their state" } }],
    uses: ["GET /jobs"],
    run: jobs,
  },
];

async function diagnose(call: Call, request: Diagnosis): Promise<number> {
  const { id } = await got(call.api.call("POST /diagnostics", { body: request }));
  const job = await watchJob(call, id);
  if (call.json) call.screen.json(job);
  return exitCode(job);
}

type Job = ReplyOf<Routes["GET /jobs/{id}"]>;

/** A diagnosis that could not be made is the box's no; one that was made says what it found. */
function exitCode(job: Job): number {
  if (job.state !== "done") return EXIT.refused;
  return hasFault(job) ? EXIT.fault : EXIT.ok;
}

function hasFault({ request, steps, lines }: Job): boolean {
  if (steps.some(({ verdict }) => verdict === "fault")) return true;
  // Nobody answered, no record was found.
  if (request.kind === "ping") return !lines.some(({ timeMs }) => timeMs !== undefined);
  return request.kind === "dns_lookup" && lines.length === 0;
}

async function capture(call: Call): Promise<number> {
  const device = option(call, "device");
  const { id } = await got(
    call.api.call("POST /diagnostics", {
      body: {
        kind: "capture",
        network: argument(call, 0),
        seconds: wholeNumber("--seconds", option(call, "seconds"), 1, 300) ?? 10,
        ...(device === undefined ? {} : { mac: await macOf(call, device) }),
      },
    }),
  );
  const path = option(call, "output") ?? "capture.pcap";
  // Where the packets go to standard output, nothing else may.
  const quiet = path === "-";
  const job = await watchJob(call, id, quiet);
  const code = exitCode(job);
  if (code === EXIT.ok) await fetchFile(call, id, path);
  if (quiet) return code;
  if (call.json) call.screen.json(job);
  else if (code === EXIT.ok)
    call.screen.line(call.screen.say({ fr: "Écrit : ", en: "Written: " }), path);
  return code;
}

async function macOf({ api }: Call, word: string): Promise<string> {
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(word))
    return word.toLowerCase().replaceAll("-", ":");
  const { macs, name } = await findDevice(api, word);
  const [mac] = macs;
  if (mac !== undefined) return mac;
  throw new UsageError({
    fr: `l'adresse matérielle de « ${name} » n'est pas connue`,
    en: `the hardware address of "${name}" is not known`,
  });
}

async function jobs({ api, screen, json }: Call): Promise<number> {
  const reply = await got(api.call("GET /jobs"));
  if (json) screen.json(reply);
  else
    screen.table(
      reply.jobs.map(({ id, request, state, startedAt, progress }) => [
        timeText(startedAt),
        { text: request.kind, colour: "strong" },
        `${state} ${Math.round(progress * 100)} %`,
        "target" in request ? request.target : "",
        { text: id, colour: "quiet" },
      ]),
    );
  return EXIT.ok;
}
