import { expect, it } from "vitest";
import { parseUnits } from "./daemons.ts";

it("reads what systemd says of the gateway's units, in whatever order, and leaves others out", () => {
  const said = `MainPID=253
Result=success
NRestarts=0
ExecMainStartTimestamp=Wed 2026-11-25 15:12:04 UTC
Id=passerelle@lan.service

MainPID=0
Result=watchdog
NRestarts=2
ExecMainStartTimestamp=Wed 2026-11-25 15:12:30 UTC
Id=passerelle@web.service

Id=passerelle-broker.service
MainPID=240
NRestarts=1
Result=success
ExecMainStartTimestamp=

Id=chrony.service
MainPID=12
NRestarts=0
`;
  expect(parseUnits(said)).toEqual([
    { name: "lan", pid: 253, starts: 1, startedAt: "Wed 2026-11-25 15:12:04 UTC" },
    { name: "web", starts: 3, startedAt: "Wed 2026-11-25 15:12:30 UTC", lastEnd: "watchdog" },
    { name: "broker", pid: 240, starts: 2, startedAt: "" },
  ]);
});
