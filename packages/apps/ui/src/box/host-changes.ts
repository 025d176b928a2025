import type { Host } from "@passerelle/api";
import type { ConfigChange } from "@passerelle/contract";
import { t } from "../words/index.ts";
import { type Answer, api } from "./api.ts";
import { type Change, planOf } from "./change.ts";

/** Changes that a device's page offers, each with its plan, its deed and its way back. */

export function blockChange(host: Host, blocked: boolean): Change {
  return {
    title: t(blocked ? "device.block.title" : "device.unblock.title"),
    text: t(blocked ? "device.block.text" : "device.unblock.text"),
    go: t(blocked ? "device.block" : "device.unblock"),
    danger: blocked,
    plan: () =>
      planWith((sections) => {
        const others = listAt(sections.firewall, "blocked").filter(
          (mac) => !host.macs.includes(String(mac)),
        );
        const patch = { blocked: blocked ? [...others, ...host.macs] : others };
        return { section: "firewall", patch };
      }),
    apply: () => patchHost(host, { blocked }),
    undo: () => patchHost(host, { blocked: !blocked }),
    done: t(blocked ? "device.block.done" : "device.unblock.done"),
  };
}

export function keepAddressChange(host: Host, address: string | null): Change {
  const before = host.reservedAddress ?? null;
  return {
    title: t(address === null ? "device.unkeep.title" : "device.keep.title"),
    text: address === null ? t("device.unkeep.text") : t("device.keep.text", { address }),
    go: t(address === null ? "device.unkeep" : "device.keep"),
    plan: () =>
      planWith((sections) => {
        const mac = host.macs[0] ?? "";
        const others = listAt(sections.lan, "reservations").filter(
          (one) => !isRecord(one) || !host.macs.includes(String(one.mac)),
        );
        const reservations = address === null ? others : [...others, { address, mac }];
        return { section: "lan", patch: { reservations } };
      }),
    apply: () => patchHost(host, { reservedAddress: address }),
    undo: () => patchHost(host, { reservedAddress: before }),
    done: t(address === null ? "device.unkeep.done" : "device.keep.done"),
  };
}

/** What the section would become; where it can't be read, the change is offered without its plan. */
async function planWith(
  change: (sections: Readonly<Record<string, unknown>>) => ConfigChange,
): ReturnType<Change["plan"]> {
  const config = await api.call("GET /config", { query: {} });
  if (!config.ok) return config;
  return planOf([change(config.data.sections)]);
}

async function patchHost(
  host: Host,
  body: { blocked?: boolean; reservedAddress?: string | null },
): ReturnType<Change["apply"]> {
  const answer = await api.call("PATCH /hosts/{id}", { params: { id: host.id }, body });
  return done(answer);
}

/** An operation on one thing is its own way back: it never goes on probation. */
export function done(answer: Answer<unknown>): Awaited<ReturnType<Change["apply"]>> {
  return answer.ok ? { ok: true, data: { probation: undefined, canUndo: true } } : answer;
}

function listAt(section: unknown, name: string): readonly unknown[] {
  const list = isRecord(section) ? section[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
