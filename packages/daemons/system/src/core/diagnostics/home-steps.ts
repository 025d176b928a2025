import { faulty, said, skipped, type Trouble } from "./assistant.ts";
import type { JobStep } from "./input.ts";
import { plain } from "./plain.ts";

/** What was found out about our own side of the line. */
export interface HomeSituation {
  readonly clock: "synchronised" | "unsynchronised" | "unknown";
  /** Undefined: the service that runs the home network did not say anything. */
  readonly lan?: {
    readonly kind: "starting" | "serving" | "degraded";
    readonly faults: readonly Trouble[];
    /** Networks that give addresses. */
    readonly pools: readonly {
      readonly network: string;
      readonly leased: number;
      readonly free: number;
    }[];
  };
  /** Names of devices that a person shut out of the Internet. */
  readonly blocked: readonly string[];
}

/** What may be wrong at home although the line works. */
export function homeSteps(home: HomeSituation): readonly JobStep[] {
  return [clockStep(home), poolStep(home), servingStep(home), blockedStep(home)];
}

function clockStep({ clock }: HomeSituation): JobStep {
  switch (clock) {
    case "synchronised":
      return said("clock", "ok", {
        fr: "L’heure de la box est juste.",
        en: "The box's clock is right.",
      });
    case "unsynchronised":
      return said(
        "clock",
        "warning",
        {
          fr: "L’heure de la box n’est pas réglée : certains sites sécurisés peuvent être refusés.",
          en: "The box's clock is not set: some secure sites may be refused.",
        },
        {
          fr: "Elle se règle seule quand Internet répond.",
          en: "It sets itself once the Internet answers.",
        },
      );
    case "unknown":
      return skipped("clock", {
        fr: "L’état de l’horloge n’est pas encore connu.",
        en: "The state of the clock is not known yet.",
      });
  }
}

function poolStep({ lan }: HomeSituation): JobStep {
  const pools = lan?.pools ?? [];
  if (pools.length === 0) {
    return skipped("dhcp_pool", {
      fr: "La box ne distribue d’adresses sur aucun réseau.",
      en: "The box gives addresses on no network.",
    });
  }
  const full = pools.find((pool) => pool.free === 0);
  if (full !== undefined) {
    const network = plain(full.network, 32);
    return said(
      "dhcp_pool",
      "fault",
      {
        fr: `Le réseau « ${network} » n’a plus d’adresse libre : un nouvel appareil n’en reçoit pas.`,
        en: `Network "${network}" has no free address left: a new device gets none.`,
      },
      {
        fr: "Agrandissez la plage d’adresses, ou oubliez les appareils qui ne servent plus.",
        en: "Make the range of addresses larger, or forget devices that are no longer used.",
      },
    );
  }
  const scarce = pools.find((pool) => pool.free < (pool.free + pool.leased) * SCARCE);
  if (scarce !== undefined) {
    const network = plain(scarce.network, 32);
    return said(
      "dhcp_pool",
      "warning",
      {
        fr: `Il ne reste que ${scarce.free} adresses libres sur le réseau « ${network} ».`,
        en: `Only ${scarce.free} free addresses are left on network "${network}".`,
      },
      {
        fr: "Agrandissez bientôt la plage d’adresses.",
        en: "Make the range of addresses larger soon.",
      },
    );
  }
  return said("dhcp_pool", "ok", {
    fr: "Il reste des adresses pour de nouveaux appareils.",
    en: "There are addresses left for new devices.",
  });
}

function servingStep({ lan }: HomeSituation): JobStep {
  const [fault] = lan?.faults ?? [];
  if (lan !== undefined && lan.kind === "serving") {
    return said("home_network", "ok", {
      fr: "Le réseau de la maison et ses noms sont servis.",
      en: "The home network and its names are served.",
    });
  }
  if (fault !== undefined) return faulty("home_network", fault);
  if (lan?.kind === "starting") {
    return said("home_network", "warning", {
      fr: "Le réseau de la maison démarre.",
      en: "The home network is starting.",
    });
  }
  return said(
    "home_network",
    "fault",
    {
      fr: "Le service du réseau de la maison ne répond pas.",
      en: "The service of the home network does not answer.",
    },
    {
      fr: "Redémarrez la box. Si cela dure, envoyez le rapport d’assistance.",
      en: "Restart the box. If it lasts, send the support report.",
    },
  );
}

function blockedStep({ blocked }: HomeSituation): JobStep {
  if (blocked.length === 0) {
    return said("blocked", "ok", {
      fr: "Aucun appareil n’est bloqué.",
      en: "No device is blocked.",
    });
  }
  const names = blocked.slice(0, BLOCKED_NAMED).map((name) => plain(name, 63));
  const more = blocked.length - names.length;
  const which = names.join(", ");
  return said(
    "blocked",
    "warning",
    {
      fr: `Des appareils sont bloqués et n’ont pas Internet : ${which}${more > 0 ? ` et ${more} de plus` : ""}.`,
      en: `Some devices are blocked and have no Internet: ${which}${more > 0 ? ` and ${more} more` : ""}.`,
    },
    {
      fr: "Si l’appareil qui n’a pas Internet est dans cette liste, débloquez-le sur sa page.",
      en: "If the device without Internet is in this list, unblock it on its page.",
    },
  );
}

const SCARCE = 0.05;
const BLOCKED_NAMED = 5;
