import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../lab.ts";
import { run } from "../process.ts";
import { HOSTS, WEB_ADDRESS } from "../topology.ts";
import { whyNoMachine } from "./kernel.ts";

// What its kernel has, and that programs in it are to their caller what programs here are.

const DOOR = join(import.meta.dirname, "../../../bin/lab");

describe.skipIf(whyNoMachine() !== undefined)("a lab in a machine of its own", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.up({ kernel: "vm" });
  });
  afterAll(() => lab.down());

  describe("its door", () => {
    const door = (...words: readonly string[]) =>
      run([DOOR, ...words], { env: { ...process.env, LAB_NAME: lab.name } });

    it("passes exit code, both outputs, input, environment and arguments through", async () => {
      const script = 'cat; hostname; echo "$1 $WORD"; echo oops >&2; exit 7';
      const argv = [DOOR, "exec", "phone2", "--", "sh", "-c", script, "x", "a b $c"];
      const env = { ...process.env, LAB_NAME: lab.name, WORD: "é" };
      const outcome = await run(argv, { input: "hello\n", env });
      expect(outcome).toEqual({ code: 7, stdout: "hello\nphone2\na b $c é\n", stderr: "oops\n" });
    });

    it("changes no octet of what goes through", async () => {
      const octets = Buffer.from(
        Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255),
      );
      const sums = await lab.exec("lan1", ["md5sum"], { input: octets });
      const here = await run(["md5sum"], { input: octets });
      expect(sums.stdout).toBe(here.stdout);
      await lab.must("lan1", ["tee", "/tmp/octets"], { input: octets });
      expect(Buffer.compare(octets, await lab.read("lan1", "/tmp/octets"))).toBe(0);
    });

    it("runs programs side by side, each with its own answer", async () => {
      const began = performance.now();
      const hosts = HOSTS.slice(0, 6);
      const names = await Promise.all(
        hosts.map((host) => lab.must(host, ["sh", "-c", "sleep 3; hostname"])),
      );
      expect(names).toEqual(hosts.map((host) => `${host}\n`));
      // Far less than one after the other, on a machine that is slow at everything but sleeping.
      console.log(`six sleeps of 3 s: ${Math.round(performance.now() - began)} ms`);
    });

    it("ends a program with the child that stands for it, and one whose time is over", async () => {
      const child = lab.spawn("lan1", ["sleep", "4321"]);
      const runs = async () => (await lab.exec("lan1", ["pgrep", "-fx", "sleep 4321"])).code === 0;
      await lab.waitFor("it runs", runs, 10_000);
      child.kill("SIGKILL");
      await lab.waitFor("it ends", async () => !(await runs()), 10_000);
      const late = await lab.exec("lan1", ["sleep", "4321"], { timeoutMs: 200 });
      expect(late).toMatchObject({ code: 137, stderr: expect.stringContaining("killed after") });
      await lab.waitFor("it is gone", async () => !(await runs()), 10_000);
    });

    it("tells the status, and breaks what it is told to break", async () => {
      const status = JSON.parse((await door("status", "--json")).stdout);
      expect(status).toMatchObject({ up: true, kernel: "vm", operator: "ethernet" });
      expect(await lab.must("attacker-wan", ["curl", "-s", WEB_ADDRESS])).toBe("81.250.0.66\n");
      expect((await door("fault", "internet-dead", "on")).code).toBe(0);
      const dead = await lab.exec("attacker-wan", ["curl", "-s", "-m", "3", WEB_ADDRESS]);
      expect(dead.code).not.toBe(0);
      await lab.fault("internet-dead", "off");
      expect(await lab.must("attacker-wan", ["curl", "-s", WEB_ADDRESS])).toBe("81.250.0.66\n");
      const refused = await door("fault", "park", "on");
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("no parking") });
    });

    it("shows this machine what is logged in there", async () => {
      expect(lab.log("web.log")).toBe(readFileSync(join(lab.paths.logs, "web.log"), "utf8"));
      expect(Array.isArray(lab.operatorLeases())).toBe(true);
    });
  });

  it("has a kernel with all that a line to an operator needs", async () => {
    // In one host that nothing else uses: each is taken in use, not looked up in a list.
    const script = `
      set -e
      ip link add link eth0 name v835 type vlan id 835 egress-qos-map 6:6
      ip link add link eth0 name m0 type macvlan mode bridge
      ip link add d0 type dummy
      ip link add i0 type ifb
      tc qdisc add dev d0 root netem delay 20ms loss 1%
      tc qdisc add dev i0 root cake bandwidth 8mbit
      tc qdisc add dev m0 root fq_codel
      nft -f - <<'RULES'
        table inet t {
          flowtable f { hook ingress priority 0; devices = { eth0 }; }
          chain forward { type filter hook forward priority 0; ip protocol tcp flow add @f; }
        }
RULES
      test -c /dev/ppp
      grep -q '^PPPOE\\|pppoe' /proc/modules /proc/net/protocols
      ip -d link show v835
      tc qdisc show dev i0`;
    const said = await lab.must("phone1", ["sh", "-c", script], { timeoutMs: 30_000 });
    expect(said).toContain("vlan protocol 802.1Q id 835");
    expect(said).toContain("cake");
  });
});
