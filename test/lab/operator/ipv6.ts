import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holderOf, listens, mustAs, runAs, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";
import { pathsOf } from "../state.ts";
import { ADDRESSES6 } from "../topology.ts";
import type { OperatorControl } from "./control.ts";

/** IPv6 of the operators: radvd as their router, Kea as the server of those that have nothing special. */

/** What an operator's router says of itself; undefined `prefix`: nobody makes an address on the access. */
export interface AccessRouter {
  readonly address: string;
  readonly prefix?: string;
  /** DHCPv6 has more (RFC 4861 section 4.2, O flag). */
  readonly other: boolean;
}

export async function startRouter(
  lab: string,
  router: AccessRouter,
  control: OperatorControl,
): Promise<void> {
  const { config } = pathsOf(lab);
  const path = join(config, "router.conf");
  writeFileSync(path, routerConfig(router, control));
  // radvd refuses a file that others may write.
  chmodSync(path, 0o600);
  const pidFile = "/run/radvd.pid";
  await serveAs(lab, "isp", "router", [
    ...["radvd", "--nodaemon", "--logmethod", "stderr", "--config", path, "--pidfile", pidFile],
  ]);
}

/** A router that starts advertises at once. */
export async function restartRouter(
  lab: string,
  router: AccessRouter,
  control: OperatorControl,
): Promise<void> {
  // Its SIGTERM would say goodbye, with a lifetime of 0.
  await runAs(lab, "isp", ["pkill", "-KILL", "-x", "radvd"]);
  await startRouter(lab, router, control);
}

function routerConfig({ address, prefix, other }: AccessRouter, control: OperatorControl): string {
  return `interface access {
  AdvSendAdvert on;
  AdvOtherConfigFlag ${other ? "on" : "off"};
  AdvDefaultLifetime ${control.routerStopped ? 0 : 1800};
  MinRtrAdvInterval 60;
  MaxRtrAdvInterval 180;
  AdvRASrcAddress { ${address}; };
${prefix === undefined ? "" : `  prefix ${prefix} { AdvOnLink on; AdvAutonomous on; AdvValidLifetime 7200; AdvPreferredLifetime 3600; };`}
};
`;
}

export async function startDelegation(lab: string, control: OperatorControl): Promise<void> {
  const { config } = pathsOf(lab);
  const path = join(config, "dhcp6.json");
  writeFileSync(path, JSON.stringify(keaConfig(lab, control), undefined, 2));
  await serveAs(lab, "isp", "dhcp6", [
    ...["env", "KEA_PIDFILE_DIR=/run", "KEA_LOCKFILE_DIR=none", "kea-dhcp6", "-c", path],
  ]);
  const isServed = () => listens(holderOf(lab, "isp"), "udp", 547);
  await waitFor("DHCPv6 server of the operator (see logs/dhcp6.log)", isServed, 10_000);
}

/** @param forgets what was delegated leads nowhere any more */
export async function restartDelegation(
  lab: string,
  control: OperatorControl,
  forgets: boolean,
): Promise<void> {
  await mustAs(lab, "isp", ["pkill", "-KILL", "-x", "kea-dhcp6"]);
  await waitFor("Kea ends", () => !listens(holderOf(lab, "isp"), "udp", 547), 3000, 10);
  if (forgets) {
    writeFileSync(leaseFile6(lab), "");
    await forgetRoutes(lab);
  }
  await startDelegation(lab, control);
}

/** The routes of everything delegated, as `delegated.sh` and the concentrator of Orange make them. */
export async function forgetRoutes(lab: string): Promise<void> {
  for (const { address, length } of [ADDRESSES6.prefixes, ADDRESSES6.otherPrefixes]) {
    await mustAs(lab, "isp", ["ip", "-6", "route", "flush", "root", `${address}/${length}`]);
  }
}

/** The pool that prefixes are of just now. */
export function poolOf({ prefixSerial }: OperatorControl): { address: string; length: number } {
  return prefixSerial % 2 === 0 ? ADDRESSES6.prefixes : ADDRESSES6.otherPrefixes;
}

function keaConfig(lab: string, control: OperatorControl): object {
  const { leaseSeconds, t1Seconds, t2Seconds } = control;
  const { address, length } = poolOf(control);
  const t1 = t1Seconds ?? Math.floor(leaseSeconds / 2);
  return {
    Dhcp6: {
      "interfaces-config": { interfaces: ["access"] },
      "lease-database": { type: "memfile", name: leaseFile6(lab), "lfc-interval": 0 },
      // The same after a restart; RFC 5612 has the number for examples.
      "server-id": { type: "EN", "enterprise-id": 32473, identifier: "01", persist: false },
      "valid-lifetime": leaseSeconds,
      "preferred-lifetime": Math.floor((leaseSeconds * 7) / 8),
      "renew-timer": t1,
      "rebind-timer": t2Seconds ?? Math.floor((leaseSeconds * 4) / 5),
      "option-data": [{ name: "dns-servers", data: ADDRESSES6.resolver }],
      "hooks-libraries": [
        {
          library: runScriptLibrary(),
          parameters: { name: join(import.meta.dirname, "delegated.sh"), sync: true },
        },
      ],
      loggers: [
        {
          name: "kea-dhcp6",
          severity: "INFO",
          output_options: [{ output: "stdout", flush: true }],
        },
      ],
      subnet6: [
        {
          ...{ id: 1, subnet: ADDRESSES6.accessPrefix, interface: "access", "rapid-commit": true },
          "pd-pools": [
            { prefix: address, "prefix-len": length, "delegated-len": control.prefixLength },
          ],
        },
      ],
    },
  };
}

/** Debian has it where the processor's libraries are. */
function runScriptLibrary(): string {
  const places = ["x86_64", "aarch64"].map(
    (processor) => `/usr/lib/${processor}-linux-gnu/kea/hooks/libdhcp_run_script.so`,
  );
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error("Kea has no run_script here: run 'make setup' first");
  return found;
}

function leaseFile6(lab: string): string {
  return join(pathsOf(lab).config, "operator6.leases");
}
