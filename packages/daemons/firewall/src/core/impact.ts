import type { SectionImpact } from "@passerelle/contract";

/** The parts of the section that people notice when they change. */
interface Noticed {
  readonly forwards: readonly { readonly enabled: boolean }[];
  readonly dmz?: string | undefined;
  readonly blocked: readonly string[];
  readonly services: readonly { readonly zone: string }[];
}

/** What going from one configuration to the other does to people. */
export function impactOf(before: Noticed, after: Noticed): SectionImpact[] {
  const impacts: SectionImpact[] = [];
  const blocked = after.blocked.filter((mac) => !before.blocked.includes(mac));
  if (blocked.length > 0) {
    impacts.push({
      severity: "short_interruption",
      text: {
        fr: `${blocked.length} appareil(s) perdent l'accès à Internet, connexions en cours comprises.`,
        en: `${blocked.length} device(s) lose the Internet, open connections included.`,
      },
    });
  }
  const closed =
    (before.dmz !== undefined && before.dmz !== after.dmz) ||
    before.forwards.some((f) => f.enabled && !after.forwards.some((other) => same(f, other)));
  if (closed) {
    impacts.push({
      severity: "short_interruption",
      text: {
        fr: "Des ouvertures de ports se ferment, connexions en cours comprises.",
        en: "Port forwards close, open connections included.",
      },
    });
  } else if (!same(before.forwards, after.forwards)) {
    impacts.push({
      severity: "none",
      text: {
        fr: "Les ouvertures de ports changent pour les nouvelles connexions.",
        en: "Port forwards change for new connections.",
      },
    });
  }
  if (after.dmz !== undefined && before.dmz !== after.dmz) {
    impacts.push({
      severity: "none",
      text: {
        fr: `${after.dmz} devient joignable depuis Internet sur tous ses ports.`,
        en: `${after.dmz} can be reached from the Internet on all its ports.`,
      },
    });
  }
  const lost = before.services.filter((s) => !after.services.some((other) => same(s, other)));
  if (lost.some((service) => service.zone === "lan")) {
    impacts.push({
      severity: "may_cut_you_off",
      text: {
        fr: "Un service du routeur ne répond plus depuis le réseau local.",
        en: "A service of the router stops answering from the LAN.",
      },
    });
  }
  return impacts;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
