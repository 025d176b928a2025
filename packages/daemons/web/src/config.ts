import { section as define, type Section, type SectionImpact, values } from "@passerelle/contract";
import { parseIpv4 } from "@passerelle/net";
import * as v from "valibot";

/** A name or address that a browser puts into Host. */
const hostName = v.pipe(
  v.string(),
  v.maxLength(253),
  v.check(
    (text) => parseIpv4(text) !== undefined || HOST_NAME.test(text),
    "a host name in small letters such as box.example.net, or an IPv4 address",
  ),
);

const HOST_NAME =
  /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

const schema = v.strictObject({
  /** Printed on the label; what a new or reset box accepts. The password a person chose is never in the configuration. */
  labelPassword: v.pipe(v.string(), v.minLength(10), v.maxLength(128)),
  /** Further names under which people may open the page; box.home.arpa is always one. */
  names: v.pipe(v.array(hostName), v.maxLength(16)),
  httpPort: values.portNumber,
  httpsPort: values.portNumber,
  /** "required": plain HTTP only shows the way, hands out the certificate and takes a confirmation. */
  https: v.picklist(["offered", "required"]),
  /** Of the page before anybody chose; absent: what the browser asks for. */
  language: v.optional(v.picklist(["fr", "en"])),
  /** True once somebody went through the first screens. */
  firstRunDone: v.boolean(),
});
export type WebConfig = v.InferOutput<typeof schema>;

/** S-11: per device, not derived from anything, at least 60 bits. */
export const LABEL_PASSWORD_BITS = 64;

export const section: Section<WebConfig> = define<WebConfig>({
  name: "web",
  version: 1,
  migrations: {},
  schema,
  secrets: ["/labelPassword"],
  defaults: (entropy) => ({
    labelPassword: entropy.password(LABEL_PASSWORD_BITS),
    names: [],
    httpPort: 80,
    httpsPort: 443,
    https: "offered",
    firstRunDone: false,
  }),
  impact,
  validate: (config) =>
    config.httpPort === config.httpsPort
      ? [{ path: "/httpsPort", message: "HTTP and HTTPS need a port each" }]
      : [],
});

function impact(before: WebConfig, after: WebConfig): readonly SectionImpact[] {
  const impacts: SectionImpact[] = [];
  if (before.httpPort !== after.httpPort || before.httpsPort !== after.httpsPort) {
    impacts.push({
      severity: "may_cut_you_off",
      text: {
        fr: "La page de la passerelle change de port : il faudra la rouvrir.",
        en: "The page of the gateway moves to another port: it must be opened again.",
      },
    });
  }
  if (before.https !== after.https && after.https === "required") {
    impacts.push({
      severity: "may_cut_you_off",
      text: {
        fr: "La page ne s'ouvre plus qu'en HTTPS : le navigateur doit connaître le certificat de la passerelle.",
        en: "The page opens by HTTPS only: the browser must know the certificate of the gateway.",
      },
    });
  }
  if (before.names.some((name) => !after.names.includes(name))) {
    impacts.push({
      severity: "may_cut_you_off",
      text: {
        fr: "La page ne répond plus sous un de ses noms.",
        en: "The page no longer answers to one of its names.",
      },
    });
  }
  if (before.labelPassword !== after.labelPassword) {
    impacts.push({
      severity: "none",
      text: {
        fr: "Le mot de passe de l'étiquette change.",
        en: "The password of the label changes.",
      },
    });
  }
  return impacts;
}
