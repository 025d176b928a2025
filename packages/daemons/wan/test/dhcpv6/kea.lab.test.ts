import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeaLab } from "./lab/kea.ts";

const pools = [{ pool: "2001:db8:1::10 - 2001:db8:1::1f" }];
const pd = { "prefix-len": 40, "delegated-len": 56 };
const prefixes = [{ prefix: "2001:db8:100::", ...pd }];
const resolver = [{ name: "dns-servers", data: "2001:db8::53" }];
const FIELDS = ["dhcpv6.msgtype", "dhcpv6.iaid", "dhcpv6.duidll.link_layer_addr"];

describe("the DHCPv6 client against Kea", () => {
  let lab: KeaLab;
  beforeAll(() => {
    lab = new KeaLab("a");
  });
  afterAll(() => lab.dispose());

  it("has an address, a prefix and resolvers a second after its Solicit", async () => {
    await lab.serve({ pools, "pd-pools": prefixes }, { "option-data": resolver });
    const fields = ["dhcpv6.msgtype", "dhcpv6.iaid", "dhcpv6.iaprefix.pref_len"];
    const stop = await lab.record([
      ...fields,
      "dhcpv6.elapsed_time",
      "dhcpv6.requested_option_code",
    ]);
    const client = lab.start();
    const bound = await client.until("bound", ({ phase }) => phase === "bound");
    expect(bound.addresses).toEqual([expect.stringMatching(/^2001:db8:1::1[0-9a-f]$/)]);
    expect(bound.prefixes).toEqual([expect.stringMatching(/^2001:db8:1[0-9a-f]{2}.*::\/56$/)]);
    expect(bound.resolvers).toEqual(["2001:db8::53"]);
    expect(bound).not.toHaveProperty("trouble");
    const soliciting = await client.until("searching", ({ phase }) => phase === "soliciting");
    // RFC 9915 section 18.2.1: the first timeout is more than a second, and Kea says no preference.
    expect(bound.at - soliciting.at).toBeGreaterThan(1000);
    await client.stop();
    // While duplicate address detection goes on nothing leaves, and the Solicit goes again.
    const heard = (await stop()).slice(-2);
    expect(heard[0]).toMatch(/^1 00000001,00000001 56 \d+ 23,82$/);
    expect(heard[1]).toBe("3 00000001,00000001 56 0 23,82");
  });

  it("is bound at once by rapid commit", async () => {
    await lab.serve({ pools, "pd-pools": prefixes, "rapid-commit": true });
    const stop = await lab.record(FIELDS);
    const client = lab.start({ rapidCommit: true });
    const bound = await client.until("bound", ({ phase }) => phase === "bound");
    expect([bound.addresses.length, bound.prefixes.length]).toEqual([1, 1]);
    await client.stop();
    expect(await stop()).toEqual(["1 00000001,00000001 02:00:00:00:00:01"]);
  });

  it("renews a lease of 20 seconds, also of a server that forgot it, and gives it up at its end", async () => {
    const times = { "valid-lifetime": 20, "preferred-lifetime": 16 };
    const subnet = { pools, "pd-pools": prefixes, ...times, "renew-timer": 5, "rebind-timer": 9 };
    await lab.serve(subnet);
    const stop = await lab.record(FIELDS);
    const client = lab.start();
    const bound = await client.until("bound", ({ phase }) => phase === "bound");
    const renewing = await client.until("renewing", ({ phase }) => phase === "renewing");
    expect(renewing.at - bound.at).toBeGreaterThan(4500);
    const isBound = ({ phase }: { readonly phase: string }): boolean => phase === "bound";
    const renewed = await client.until("renewed", isBound, { since: renewing.at });
    await lab.restart();
    const again = await client.until("renewing", ({ phase }) => phase === "renewing", {
      since: renewed.at,
    });
    const last = await client.until("bound again", isBound, { since: again.at });
    await lab.silence();
    for (const one of [renewed, last]) expect(one.prefixes).toEqual(bound.prefixes);
    const isOver = await client.until("over", ({ prefixes }) => prefixes.length === 0, {
      ...{ since: last.at, limitMs: 25_000 },
    });
    expect(isOver.at - last.at).toBeGreaterThan(18_000);
    expect(client.states.some(({ phase }) => phase === "rebinding")).toBe(true);
    await client.stop();
    const sent = await stop();
    // Every kind of message in its turn, none of them RELEASE (8), all of the same client and the same associations.
    const turns = sent
      .map((row) => row.split(" ")[0])
      .filter((one, at, all) => one !== all[at - 1]);
    expect(turns.join(" ")).toMatch(/^1 3 5 (3 )?5 6( 1)?$|^1 3 5 6( 1)?$/);
    expect(new Set(sent.map((row) => row.replace(/^\d+/, "")))).toEqual(
      new Set([" 00000001,00000001 02:00:00:00:00:01"]),
    );
  });

  it("obeys SOL_MAX_RT of a server that has nothing", async () => {
    const data = [{ code: 82, space: "dhcp6", "csv-format": false, data: "000000B4" }];
    await lab.serve({}, { "option-data": data });
    const client = lab.start();
    const told = await client.until("told", ({ solMaxRt }) => solMaxRt === 180_000);
    expect(told.trouble).toBeDefined();
    expect(told.phase).toBe("soliciting");
    await client.stop();
  });

  it("takes the address of a server that has no prefix, and the prefix of one that has no address", async () => {
    await lab.serve({ pools });
    const half = lab.start();
    const address = await half.until("bound", ({ phase }) => phase === "bound");
    expect([address.addresses.length, address.prefixes.length]).toEqual([1, 0]);
    expect(address.trouble).toBe("no_prefix");
    await half.stop();
    await lab.serve({ "pd-pools": prefixes });
    const other = lab.start();
    const prefix = await other.until("bound", ({ phase }) => phase === "bound");
    expect([prefix.addresses.length, prefix.prefixes.length]).toEqual([0, 1]);
    expect(prefix.trouble).toBe("no_address");
    await other.stop();
  });

  it("takes a /60 and a /64", async () => {
    for (const length of [60, 64]) {
      await lab.serve({ "pd-pools": [{ ...prefixes[0], "delegated-len": length }] });
      const client = lab.start();
      const bound = await client.until("bound", ({ phase }) => phase === "bound");
      expect(bound.prefixes[0]).toMatch(new RegExp(`/${length}$`));
      await client.stop();
    }
  });
});

describe("Orange's options as Kea reads them", () => {
  let lab: KeaLab;
  beforeAll(() => {
    lab = new KeaLab("o");
  });
  afterAll(() => lab.dispose());

  /** The published vector of the login "fti/xxxxxxx" and the identity of the operator's own box. */
  const options = {
    11: [
      ...["00".repeat(11), "1a0900000558010341", "010d6674692f78787878787878"],
      ...["3c1234363832623839383564313037393163", "031334b5a294fbaeb7680c04e738e9b349f33f"],
    ].join(""),
    15: "002b46535644534c5f6c697665626f782e496e7465726e65742e736f66746174686f6d652e4c697665626f7836",
    16: "0000040e0005736167656d",
    17: "000005580006000e495056365f524551554553544544",
  };
  const test = [
    `option[11].hex == 0x${options[11]}`,
    `option[15].hex == 0x${options[15]}`,
    "vendor-class[1038].data == 'sagem'",
    "vendor[1368].option[6].hex == 'IPV6_REQUESTED'",
  ].join(" and ");

  it("are granted a prefix, and not when the login is another", async () => {
    const customers = { "client-class": "customer" };
    await lab.serve(
      { "pd-pools": [{ ...prefixes[0], ...customers }] },
      { "client-classes": [{ name: "customer", test }] },
    );
    const right = lab.start({ options });
    const bound = await right.until("bound", ({ phase }) => phase === "bound");
    expect(bound.prefixes).toHaveLength(1);
    await right.stop();
    const other = { ...options, 11: options[11].replace("6674692f78", "6674692f79") };
    const wrong = lab.start({ options: other });
    const refused = await wrong.until("refused", ({ trouble }) => trouble !== undefined);
    expect(refused.prefixes).toEqual([]);
    expect(refused.phase).toBe("soliciting");
    await wrong.stop();
  });
});
