import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSections } from "../../../packages/apps/passerelle/src/daemons.ts";
import { knownSections } from "../../../packages/daemons/config/src/core/document.ts";
import { factoryDocument } from "../../../packages/daemons/config/src/core/restore.ts";
import { FILES, Router, UCI } from "./shell.ts";

/** A router as OpenWrt 24.10 leaves the factory, with the package on it. */
const NETWORK = [
  "network.lan.proto=static",
  "network.lan.device=br-lan",
  "network.lan.ipaddr=192.168.7.1",
  "network.lan.netmask=255.255.255.0",
  "network.wan.proto=dhcp",
  "network.wan.device=eth1",
  "network.wan6.proto=dhcpv6",
  "network.wan6.device=eth1",
  "network.@device[0]=device",
  "network.@device[0].name=br-lan",
  "network.@device[0].ports=lan1 lan2 lan3",
];
const RIVALS = ["firewall", "dnsmasq", "odhcpd", "sysntpd", "chronyd", "mosquitto", "uhttpd"];
const OURS = ["keeper", "bus", "firewall", "config", "lan", "wan", "web", "system"];

/** A service that notes what it is told and remembers whether it is on. */
const SERVICE = `#!/bin/busybox sh
name="\${0##*/}"
case "$1" in
  enable) : >"\${0%/init.d/*}/rc.d/$name" ;;
  disable) rm -f "\${0%/init.d/*}/rc.d/$name" ;;
  enabled) [ -e "\${0%/init.d/*}/rc.d/$name" ]; exit ;;
esac
echo "$name $1" >>"$CALLS"
`;

function router(network: readonly string[] = NETWORK): Router {
  const made = new Router();
  made.stub("uci", UCI);
  for (const name of [
    "logger",
    "sync",
    "ip",
    "nft",
    "mosquitto",
    "chronyd",
    "openssl",
    "ujail",
    "sysctl",
    "chown",
  ])
    made.stub(name);
  made.stub("node", 'echo "$NODE_IS"');
  made.write("uci", `${network.join("\n")}\n`);
  const library = "usr/lib/passerelle/openwrt";
  for (const file of readdirSync(join(FILES, library)))
    made.write(`${library}/${file}`, readFileSync(join(FILES, library, file), "utf8"));
  for (const folder of ["etc/rc.d", "etc/uci-defaults", "etc/sysctl.d", "tmp"])
    made.write(`${folder}/.keep`, "");
  for (const name of [...RIVALS, "network", ...OURS.map((one) => `passerelle-${one}`)])
    made.write(`etc/init.d/${name}`, SERVICE);
  // odhcpd was off before: it stays off.
  for (const name of RIVALS.filter((one) => one !== "odhcpd")) made.write(`etc/rc.d/${name}`, "");
  return made;
}

const handover = (
  on: Router,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
) => on.sh(join(FILES, "usr/sbin/passerelle-handover"), words, { NODE_IS: "26.10.0", ...env });
const uci = (on: Router): readonly string[] => on.read("uci").trim().split("\n").sort();
const enabled = (on: Router): readonly string[] =>
  readdirSync(join(on.root, "etc/rc.d"))
    .filter((name) => name !== ".keep")
    .sort();

describe("take", () => {
  test("sets no address by netifd any more, switches off who would do it twice, and starts ours", () => {
    const box = router();
    expect(handover(box, ["take"])).toMatchObject({ code: 0 });
    expect(uci(box)).toEqual(
      expect.arrayContaining([
        "network.lan.proto=none",
        "network.wan.proto=none",
        "network.wan6.proto=none",
      ]),
    );
    expect(enabled(box)).toEqual(OURS.map((name) => `passerelle-${name}`).sort());
    const calls = box.calls();
    // First the others stop, then the network is let go, then ours start: two DHCP servers never meet.
    const at = (call: string): number => calls.indexOf(call);
    expect(at("dnsmasq stop")).toBeGreaterThan(-1);
    expect(at("dnsmasq stop")).toBeLessThan(at("network reload"));
    expect(at("network reload")).toBeLessThan(at("passerelle-firewall start"));
    expect(at("passerelle-firewall start")).toBeLessThan(at("passerelle-lan start"));
    expect(calls).not.toContain("odhcpd stop");
    expect(box.read("etc/passerelle/openwrt/before")).toBe(
      `network.lan.proto=static\nnetwork.wan.proto=dhcp\nnetwork.wan6.proto=dhcpv6\n${RIVALS.filter(
        (one) => one !== "odhcpd",
      )
        .map((one) => `service ${one}\n`)
        .join("")}`,
    );
  });

  test("the factory's values are valid, keep the address and the ports, and leave a way in by ssh", async () => {
    const box = router();
    const { output } = handover(box, ["take"]);
    const patches = JSON.parse(box.read("etc/passerelle/defaults.json")) as Record<string, unknown>;
    const entropy = {
      bytes: (length: number) => new Uint8Array(length),
      password: () => "p".repeat(16),
    };
    const made = factoryDocument(knownSections(await loadSections()), entropy, patches);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const ssh = expect.objectContaining({ port: 22, zone: "lan" }) as unknown;
    expect(made.value).toMatchObject({
      lan: {
        value: {
          networks: [
            { address: "192.168.7.1/24", bridge: "br-lan", ports: ["lan1", "lan2", "lan3"] },
          ],
        },
      },
      wan: { value: { interface: "eth1" } },
      firewall: { value: { services: expect.arrayContaining([ssh]) as unknown } },
    });
    const { labelPassword = "" } = (made.value.web?.value ?? {}) as { labelPassword?: string };
    expect(labelPassword).toMatch(/^[a-z2-9]{16}$/);
    expect(output).toContain(labelPassword);
  });

  test.each([
    ["a Node that is too old", { NODE_IS: "22.22.3" }, NETWORK, "node is 22.22.3"],
    ["a Node one version too old", { NODE_IS: "24.6.9" }, NETWORK, "node is 24.6.9"],
    [
      "a line that is not DHCP",
      {},
      NETWORK.map((line) => line.replace("wan.proto=dhcp", "wan.proto=pppoe")),
      "pppoe",
    ],
    [
      "a home that is not one /24",
      {},
      NETWORK.map((line) => line.replace("255.255.255.0", "255.255.0.0")),
      "/24",
    ],
    [
      "a port that would become JSON",
      {},
      NETWORK.map((line) => line.replace("lan1", 'lan1"')),
      "not the name",
    ],
  ])("refuses %s, says why, and changes nothing", (_what, env, network, said) => {
    const box = router(network);
    const before = uci(box);
    const { code, output } = handover(box, ["take"], env as Record<string, string>);
    expect(code).toBe(1);
    expect(output).toContain(said);
    expect(uci(box)).toEqual(before);
    expect(enabled(box)).toEqual(RIVALS.filter((one) => one !== "odhcpd").sort());
    expect(existsSync(join(box.root, "etc/passerelle/openwrt/before"))).toBe(false);
  });

  test("a program that is missing is named", () => {
    const box = router();
    rmSync(join(box.root, "stubs/ujail"));
    expect(handover(box, ["take"]).output).toContain("ujail is not installed");
  });

  test("a second time is refused, so that what the box was is never overwritten", () => {
    const box = router();
    handover(box, ["take"]);
    const before = box.read("etc/passerelle/openwrt/before");
    expect(handover(box, ["take"])).toMatchObject({ code: 1 });
    expect(box.read("etc/passerelle/openwrt/before")).toBe(before);
  });

  test("from a boot it stops and starts nothing", () => {
    const box = router();
    handover(box, ["take", "--at-boot"]);
    expect(box.calls().filter((call) => / (start|stop|reload)$/.test(call))).toEqual([]);
    expect(uci(box)).toContain("network.lan.proto=none");
  });
});

describe("give-back", () => {
  test("everything is as it was", () => {
    const box = router();
    const before = { uci: uci(box), enabled: enabled(box) };
    handover(box, ["take"]);
    box.calls();
    expect(handover(box, ["give-back"])).toMatchObject({ code: 0 });
    expect({ uci: uci(box), enabled: enabled(box) }).toEqual(before);
    const calls = box.calls();
    expect(calls).toContain("nft delete table inet passerelle");
    expect(calls.indexOf("firewall start")).toBeLessThan(
      calls.indexOf("nft delete table inet passerelle"),
    );
    expect(calls.indexOf("passerelle-lan stop")).toBeLessThan(calls.indexOf("dnsmasq start"));
    expect(calls.at(-1)).toBe("passerelle-keeper stop");
    for (const path of ["etc/uci-defaults/99-passerelle-absent", "etc/sysctl.d/60-passerelle.conf"])
      expect(existsSync(join(box.root, path))).toBe(false);
    expect(handover(box, ["give-back"])).toMatchObject({ code: 1 });
  });

  test.each(["take", "give-back"])(
    "whatever line %s was cut at, there are rules at the next start, and give-back puts everything back",
    (word) => {
      const prepared = (): Router => {
        const box = router();
        if (word === "give-back") handover(box, ["take"]);
        box.calls();
        return box;
      };
      const counted = prepared();
      handover(counted, [word]);
      const total = counted.calls().length;
      expect(total).toBeGreaterThan(30);
      let begun = 0;
      for (let cut = 1; cut <= total; cut += 7) {
        const was = router();
        const box = prepared();
        for (const folder of ["stubs", "etc/init.d"])
          for (const name of readdirSync(join(box.root, folder)))
            cutAt(box, `${folder}/${name}`, cut);
        expect(handover(box, [word]).code).not.toBe(0);
        expect(enabled(box).filter((name) => /^(passerelle-)?firewall$/.test(name))).not.toEqual(
          [],
        );
        if (existsSync(join(box.root, "etc/passerelle/openwrt/before"))) {
          begun += 1;
          expect(handover(box, ["give-back"], { CUT: "no" })).toMatchObject({ code: 0 });
        }
        expect({ cut, uci: uci(box), enabled: enabled(box) }).toEqual({
          cut,
          uci: uci(was),
          enabled: enabled(was),
        });
      }
      expect(begun).toBeGreaterThan(2);
    },
    60_000,
  );
});

/** After `cut` calls of any program the shell that calls is killed before the program does anything. */
function cutAt(box: Router, path: string, cut: number): void {
  const [first = "", ...rest] = box.read(path).split("\n");
  const guard = `if [ "$CUT" != no ]; then [ "$(wc -l <"$CALLS")" -ge ${cut} ] && kill -9 "$PPID" && exit 1; fi`;
  box.write(path, [first, guard, ...rest].join("\n"));
}

describe("the package is gone after an upgrade of OpenWrt", () => {
  const absent = (box: Router) => box.sh(join(box.root, "etc/uci-defaults/99-passerelle-absent"));

  test("the next start puts the network back, and the file goes", () => {
    const box = router();
    const before = uci(box);
    handover(box, ["take"]);
    rmSync(join(box.root, "usr/lib/passerelle"), { recursive: true });
    expect(absent(box)).toMatchObject({ code: 0 });
    expect(uci(box)).toEqual(before);
    expect(enabled(box)).toEqual(expect.arrayContaining(["dnsmasq", "firewall"]));
  });

  test("with the package there, nothing happens and the file stays for the next start", () => {
    const box = router();
    handover(box, ["take"]);
    expect(absent(box)).toMatchObject({ code: 1 });
    expect(uci(box)).toContain("network.lan.proto=none");
  });

  test("what is kept over an upgrade has what it needs", () => {
    const kept = readFileSync(join(FILES, "lib/upgrade/keep.d/passerelle"), "utf8").split("\n");
    expect(kept).toEqual(
      expect.arrayContaining(["/etc/passerelle/", "/etc/uci-defaults/99-passerelle-absent"]),
    );
  });
});

describe("the keeper", () => {
  const watched = (box: Router) =>
    box.sh(join(FILES, "usr/lib/passerelle/openwrt/keeper"), [], {
      PASSERELLE_KEEPER_LOOK: "0",
      PASSERELLE_KEEPER_MISSES: "4",
    });
  const giveBack = (box: Router) => {
    box.write("usr/sbin/passerelle-handover", '#!/bin/busybox sh\necho "handover $*" >>"$CALLS"\n');
  };
  const looks = (box: Router): number =>
    box.calls().filter((call) => call.startsWith("nslookup")).length;

  test("gives back after so many looks in a row without an answer, and ends", () => {
    const box = router();
    giveBack(box);
    box.stub("ip", 'echo "4: br-lan    inet 192.168.7.1/24 brd 192.168.7.255 scope global br-lan"');
    box.stub("nslookup", "exit 1");
    box.stub("passerelle");
    expect(watched(box)).toMatchObject({ code: 0 });
    const calls = box.calls();
    expect(calls.filter((call) => call === "nslookup box.home.arpa 192.168.7.1")).toHaveLength(4);
    expect(calls.at(-1)).toBe("handover give-back");
  });

  test("no address is no answer", () => {
    const box = router();
    giveBack(box);
    box.stub("nslookup");
    expect(watched(box)).toMatchObject({ code: 0 });
    expect(looks(box)).toBe(0);
  });

  test("an answer forgets the misses before it; the API is asked until it answered once", () => {
    const box = router();
    giveBack(box);
    box.stub("ip", 'echo "4: br-lan    inet 192.168.7.1/24 brd 192.168.7.255 scope global br-lan"');
    // Three misses, two answers (the first without the API), then misses for ever.
    box.stub(
      "nslookup",
      '[ "$(grep -c ^nslookup "$CALLS")" -gt 3 ] && [ "$(grep -c ^nslookup "$CALLS")" -lt 7 ]',
    );
    box.stub("passerelle", '[ "$(grep -c ^passerelle "$CALLS")" -gt 1 ]');
    box.stub("logger");
    box.write("usr/lib/passerelle/openwrt/keeper-misses", "");
    expect(
      box.sh(join(FILES, "usr/lib/passerelle/openwrt/keeper"), [], {
        PASSERELLE_KEEPER_LOOK: "0",
        PASSERELLE_KEEPER_MISSES: "5",
      }),
    ).toMatchObject({ code: 0 });
    const calls = box.calls();
    expect(calls.filter((call) => call.startsWith("passerelle "))).toHaveLength(2);
    // 3 misses, 1 more without the API, answers at the fifth and sixth look, 5 misses.
    expect(calls.filter((call) => call.startsWith("nslookup"))).toHaveLength(11);
    expect(box.read("tmp/resolv.conf")).toBe("nameserver 192.168.7.1\n");
  });
});
