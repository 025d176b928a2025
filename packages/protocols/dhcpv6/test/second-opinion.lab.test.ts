import { toHex } from "@passerelle/bytes";
import { type Cidr6, type Ipv6, type Mac, parseCidr6 } from "@passerelle/net";
import { dissect, scapyBytes, udp6Packet } from "@passerelle/testkit";
import { milliseconds } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  addressesOption,
  authenticationOf,
  clientFqdnOption,
  clientIdOf,
  clientIdOption,
  type Dhcpv6Message,
  decodeDuid,
  decodeRelayed,
  dnsServersOf,
  domainSearchOf,
  duidLl,
  elapsedTimeOf,
  elapsedTimeOption,
  emptyOption,
  encodeDhcpv6,
  encodeReplyBy,
  FQDN_FLAG,
  formatDuid,
  hasOption,
  iaNaOption,
  iaNasOf,
  iaPdOption,
  MESSAGE_TYPE,
  namesOption,
  OPTION,
  optionOf,
  optionRequestOf,
  optionRequestOption,
  RELAY_MESSAGE_TYPE,
  reconfigureKeyOption,
  STATUS,
  serverIdOption,
  statusCodeOption,
  statusOf,
  textOption,
  uint8Option,
  uint32Option,
  userClassesOf,
  userClassOption,
  vendorClassesOf,
  vendorClassOption,
  vendorOptionsOf,
  vendorOptionsOption,
} from "../src/index.ts";
import { decoded, GOLDENS, golden, hex, value } from "./goldens.ts";

/** Other people's code reads what we write, and we read what it writes. */

const ends = { source: "fe80::1" as Ipv6, destination: "fe80::c" as Ipv6, hopLimit: 64 };
const cidr = (text: string): Cidr6 => parseCidr6(text) ?? (0 as never);
const ascii = (text: string) => new TextEncoder().encode(text);
const server = duidLl("02:00:00:00:53:01" as Mac);
const client = duidLl("02:00:00:00:00:0c" as Mac);
const lease = { preferredLifetime: 1800, validLifetime: 3600 };

const REPLY: Dhcpv6Message = {
  msgType: MESSAGE_TYPE.REPLY,
  transactionId: 0xabcdef,
  options: [
    clientIdOption(client),
    serverIdOption(server),
    iaNaOption({
      iaid: 1,
      t1: 900,
      t2: 1440,
      addresses: [{ address: "2001:db8::1" as Ipv6, ...lease }],
      options: [statusCodeOption(STATUS.NotOnLink, "elsewhere")],
    }),
    iaPdOption({
      iaid: 2,
      t1: 901,
      t2: 1441,
      prefixes: [
        {
          prefix: cidr("2001:db8:dead:bee0::/59"),
          excluded: cidr("2001:db8:dead:beef::/64"),
          preferredLifetime: 1801,
          validLifetime: 3601,
        },
      ],
    }),
    uint8Option(OPTION.PREFERENCE, 200),
    emptyOption(OPTION.RAPID_COMMIT),
    reconfigureKeyOption(new Uint8Array(16).fill(0xaa), hex("0000000000000007")),
    emptyOption(OPTION.RECONF_ACCEPT),
    addressesOption(OPTION.DNS_SERVERS, ["2001:db8::53" as Ipv6, "2001:db8::54" as Ipv6]),
    namesOption(OPTION.DOMAIN_LIST, ["home.arpa", "example.net"]),
    uint32Option(OPTION.INFORMATION_REFRESH_TIME, 7200),
    clientFqdnOption({ flags: FQDN_FLAG.S, name: "tele.home.arpa", isPartial: false }),
    namesOption(OPTION.AFTR_NAME, ["aftr.example.net"]),
    textOption(OPTION.CAPTIVE_PORTAL, "https://portal.example.net/api"),
  ],
};

test("tshark reads our Reply", () => {
  const expected = {
    "dhcpv6.msgtype": ["7"],
    "dhcpv6.xid": ["0xabcdef"],
    "dhcpv6.duidll.link_layer_addr": ["02:00:00:00:00:0c", "02:00:00:00:53:01"],
    "dhcpv6.iaid": ["00000001", "00000002"],
    "dhcpv6.iaid.t1": ["900", "901"],
    "dhcpv6.iaid.t2": ["1440", "1441"],
    "dhcpv6.iaaddr.ip": ["2001:db8::1"],
    "dhcpv6.iaaddr.pref_lifetime": ["1800"],
    "dhcpv6.iaaddr.valid_lifetime": ["3600"],
    "dhcpv6.status_code": ["4"],
    "dhcpv6.status_msg": ["elsewhere"],
    "dhcpv6.iaprefix.pref_addr": ["2001:db8:dead:bee0::"],
    "dhcpv6.iaprefix.pref_len": ["59"],
    "dhcpv6.iaprefix.pref_lifetime": ["1801"],
    "dhcpv6.iaprefix.valid_lifetime": ["3601"],
    "dhcpv6.pd_exclude.pref_len": ["64"],
    "dhcpv6.pd_exclude.subnet_id": ["78"],
    "dhcpv6.option_preference": ["200"],
    "dhcpv6.auth.protocol": ["3"],
    "dhcpv6.auth.algorithm": ["1"],
    "dhcpv6.auth.rdm": ["0"],
    "dhcpv6.auth.replay_detection": ["0000000000000007"],
    "dhcpv6.dns_server": ["2001:db8::53", "2001:db8::54"],
    "dhcpv6.search_list_entry": ["home.arpa.", "example.net."],
    "dhcpv6.lifetime": ["7200"],
    "dhcpv6.client_domain": ["tele.home.arpa."],
    "dhcpv6.aftr_name": ["aftr.example.net."],
    "dhcpv6.captive_portal": ["https://portal.example.net/api"],
    "_ws.expert.message": [],
  };
  const packet = udp6Packet(ends, 546, encodeDhcpv6(REPLY));
  expect(dissect([packet], Object.keys(expected))).toEqual([expected]);
});

test("tshark reads our Solicit", () => {
  const solicit: Dhcpv6Message = {
    msgType: MESSAGE_TYPE.SOLICIT,
    transactionId: 1,
    options: [
      clientIdOption(hex("0002 00007ed9 0cc084d303000912")),
      optionRequestOption([OPTION.DNS_SERVERS, OPTION.SOL_MAX_RT]),
      elapsedTimeOption(milliseconds(1_230)),
      userClassOption([ascii("one"), ascii("two")]),
      vendorClassOption({ enterprise: 1038, classes: [ascii("sagem")] }),
      vendorOptionsOption({ enterprise: 1368, options: [{ code: 6, data: ascii("x") }] }),
      iaPdOption({ iaid: 1, prefixes: [{ prefix: cidr("::/56") }] }),
    ],
  };
  const expected = {
    "dhcpv6.msgtype": ["1"],
    "dhcpv6.duiden.enterprise": ["32473"],
    "dhcpv6.duiden.identifier": ["0cc084d303000912"],
    "dhcpv6.requested_option_code": ["23", "82"],
    "dhcpv6.elapsed_time": ["1230"],
    "dhcpv6.userclass.length": ["3", "3"],
    "dhcpv6.vendorclass.enterprise": ["1038"],
    "dhcpv6.vendorclass.data": ["sagem"],
    "dhcpv6.vendoropts.enterprise": ["1368"],
    "dhcpv6.vendoropts.enterprise.option_code": ["6"],
    "dhcpv6.iaprefix.pref_len": ["56"],
    "dhcpv6.iaprefix.pref_addr": ["::"],
    "_ws.expert.message": [],
  };
  const packet = udp6Packet(ends, 547, encodeDhcpv6(solicit));
  expect(dissect([packet], Object.keys(expected))).toEqual([expected]);
});

test("tshark reads our answer through two relay agents", () => {
  const relay = (hopCount: number, linkAddress: string) => ({
    msgType: RELAY_MESSAGE_TYPE.RELAY_FORW,
    hopCount,
    linkAddress: linkAddress as Ipv6,
    peerAddress: "fe80::c" as Ipv6,
    options: [{ code: OPTION.INTERFACE_ID, data: ascii(`port${hopCount}`) }],
  });
  const expected = {
    "dhcpv6.msgtype": ["13", "13", "7"],
    "dhcpv6.hopcount": ["1", "0"],
    "dhcpv6.linkaddr": ["2001:db8:2::1", "2001:db8:1::1"],
    "dhcpv6.peeraddr": ["fe80::c", "fe80::c"],
    "_ws.expert.message": [],
  };
  const answer = encodeReplyBy([relay(1, "2001:db8:2::1"), relay(0, "2001:db8:1::1")], REPLY);
  const packet = udp6Packet(ends, 547, answer);
  expect(dissect([packet], Object.keys(expected))).toEqual([expected]);
});

test("tshark sees the same options in the captured messages as we do", () => {
  const packets = GOLDENS.map((name) => udp6Packet(ends, 547, golden(name)));
  const read = dissect(packets, ["dhcpv6.msgtype", "dhcpv6.duid.bytes", "dhcpv6.option.type"]);
  for (const [i, name] of GOLDENS.entries()) {
    const message = decoded(golden(name));
    expect(read[i]?.["dhcpv6.msgtype"]).toEqual([String(message.msgType)]);
    expect(read[i]?.["dhcpv6.duid.bytes"]?.[0]).toBe(toHex(clientIdOf(message) ?? hex("")));
    const codes = read[i]?.["dhcpv6.option.type"] ?? [];
    for (const { code } of message.options) expect(codes, name).toContain(String(code));
  }
});

test("we read what scapy builds, relayed", () => {
  const solicit = [
    "DHCP6_Solicit(trid=0x123456)",
    'DHCP6OptClientId(duid=DUID_LLT(lladdr="02:00:00:00:00:0c", timeval=1234))',
    "DHCP6OptOptReq(reqopts=[23,24])",
    "DHCP6OptElapsedTime(elapsedtime=42)",
    "DHCP6OptRapidCommit()",
    'DHCP6OptIA_NA(iaid=7, T1=900, T2=1440, ianaopts=[DHCP6OptIAAddress(addr="2001:db8::1", preflft=1800, validlft=3600)])',
    'DHCP6OptUserClass(userclassdata=[USER_CLASS_DATA(data=b"one"),USER_CLASS_DATA(data=b"two")])',
    'DHCP6OptVendorClass(enterprisenum=1038, vcdata=[VENDOR_CLASS_DATA(data=b"sagem")])',
    'DHCP6OptVendorSpecificInfo(enterprisenum=1368, vso=[VENDOR_SPECIFIC_OPTION(optcode=6, optdata=b"x")])',
    'DHCP6OptStatusCode(statuscode=6, statusmsg=b"none")',
    'DHCP6OptDNSServers(dnsservers=["2001:db8::53"])',
    'DHCP6OptDNSDomains(dnsdomains=["home.arpa","example.net"])',
    "DHCP6OptAuth(proto=3, alg=1, rdm=0, replay=b'12345678', authinfo=b'info')",
  ].join("/");
  const [bytes] = scapyBytes([
    `DHCP6_RelayForward(hopcount=0, linkaddr="2001:db8:1::1", peeraddr="fe80::c")/DHCP6OptIfaceId(ifaceid=b"port1")/DHCP6OptRelayMsg(message=${solicit})`,
  ]);
  const { relays, message } = value(decodeRelayed(bytes ?? hex("")));
  expect(relays).toMatchObject([{ hopCount: 0, linkAddress: "2001:db8:1::1" }]);
  expect(relays.map((relay) => optionOf(relay, OPTION.INTERFACE_ID))).toEqual([ascii("port1")]);
  expect(message).toMatchObject({ msgType: MESSAGE_TYPE.SOLICIT, transactionId: 0x123456 });
  const duid = clientIdOf(message) ?? hex("");
  expect(formatDuid(duid)).toBe("00:01:00:01:00:00:04:d2:02:00:00:00:00:0c");
  expect(value(decodeDuid(duid))).toMatchObject({ kind: "llt", time: 1234 });
  expect(optionRequestOf(message)).toEqual([23, 24]);
  expect(elapsedTimeOf(message)).toBe(420);
  expect(hasOption(message, OPTION.RAPID_COMMIT)).toBe(true);
  expect(iaNasOf(message)).toMatchObject([
    { iaid: 7, t1: 900, t2: 1440, addresses: [{ address: "2001:db8::1", ...lease }] },
  ]);
  expect(userClassesOf(message)).toEqual([ascii("one"), ascii("two")]);
  expect(vendorClassesOf(message)).toEqual([{ enterprise: 1038, classes: [ascii("sagem")] }]);
  expect(vendorOptionsOf(message)).toEqual([
    { enterprise: 1368, options: [{ code: 6, data: ascii("x") }] },
  ]);
  expect(statusOf(message)).toEqual({ code: STATUS.NoPrefixAvail, message: "none" });
  expect(dnsServersOf(message)).toEqual(["2001:db8::53"]);
  expect(domainSearchOf(message)).toEqual(["home.arpa", "example.net"]);
  expect(authenticationOf(message)).toMatchObject({ protocol: 3, information: ascii("info") });
});
