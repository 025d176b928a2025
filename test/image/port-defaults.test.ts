import { section } from "@passerelle/lan/config";
import { expect, test } from "vitest";
import { BOARD } from "../../board/qemu-virt-arm64/board.ts";
import type { Port } from "../../packages/tools/image/src/board.ts";
import { portDefaults } from "../../packages/tools/image/src/port-defaults.ts";

const FACTORY = section.defaults({ password: () => "", bytes: (length) => new Uint8Array(length) });

test("with the ports that lan has by itself, a board's networks are lan's own", () => {
  const ports = FACTORY.networks.flatMap(({ zone, ports: names }) =>
    names.map((name): Port => ({ name, role: zone === "guest" ? "guest" : "lan", match: NONE })),
  );
  expect(portDefaults(ports)).toEqual({ lan: { networks: FACTORY.networks } });
});

test("each port of a board is in the network of its role", () => {
  expect(portDefaults(BOARD.ports)).toMatchObject({
    wan: { interface: "wan0" },
    lan: {
      networks: [
        { zone: "lan", ports: ["lan0", "lan1", "lan2", "lan3", "lan4", "lan5", "lan6"] },
        { zone: "guest", ports: ["guest0"] },
      ],
    },
  });
});

const NONE = { path: "" } as const;
