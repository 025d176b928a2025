import { describe, expect, test } from "vitest";
import { EMPTY_MEMORY, initial } from "../src/core/state.ts";
import { at, configOf, happens, NO_INTERNET, Story } from "./story.ts";

describe("Internet", () => {
  test("down for half a minute is told of, since when it went; back is gone at once", () => {
    const story = new Story().tell(10, happens.online(10)).tell(100, happens.offline(100));
    expect(story.go(129).notices).toEqual([]);
    story.go(131);
    expect(story.notices).toEqual(["internet_down"]);
    expect(story.state.memory.notifications[0]).toMatchObject({
      at: at(100),
      text: { en: "The Internet is down. The Internet does not answer." },
    });
    expect(story.tell(140, happens.online(140)).notices).toEqual([]);
  });
  test("that flaps for seconds is nothing to tell", () => {
    const story = new Story();
    for (let second = 0; second < 600; second += 20) {
      story.tell(second, happens.offline(second)).tell(second + 10, happens.online(second + 10));
    }
    expect(story.notices).toEqual([]);
  });
  test("a dismissed outage stays away while it lasts, also over a restart; the next one is told of again", () => {
    const story = new Story().tell(0, happens.offline(0)).go(40);
    story.tell(41, { kind: "dismissed", id: "internet_down" });
    expect(story.notices).toEqual([]);
    expect(story.tell(60, happens.offline(60)).go(200).notices).toEqual([]);
    const again = new Story(initial(configOf(), story.state.memory));
    expect(again.tell(1, happens.offline(1)).go(100).notices).toEqual([]);
    again.tell(110, happens.online(110)).tell(120, happens.offline(120)).go(200);
    expect(again.notices).toEqual(["internet_down"]);
  });
  test("what was told before a restart goes when the line says that it is over", () => {
    const before = new Story().tell(0, happens.offline(0)).go(40);
    const after = new Story(initial(configOf(), before.state.memory));
    expect(after.notices).toEqual(["internet_down"]);
    expect(after.tell(1, happens.online(1)).notices).toEqual([]);
  });
});

describe("the line", () => {
  const cut = {
    code: "no_carrier",
    text: { fr: "Aucun signal.", en: "No signal." },
  };
  const transitions = [
    { at: at(1), layer: "access", from: "up", to: "no_carrier", cause: cut },
    { at: at(1), layer: "session", from: "bound", to: "idle", cause: cut },
    { at: at(2), layer: "reach", from: "online", to: "offline", cause: cut },
    { at: at(9), layer: "access", from: "no_carrier", to: "up" },
    { at: at(10), layer: "session", from: "requesting", to: "bound" },
    { at: at(10), layer: "session", from: "bound", to: "renewing" },
    { at: at(10), layer: "session", from: "renewing", to: "bound" },
  ] as const;
  test("a cut cable is one line, whatever each layer says of it", () => {
    const story = new Story().tell(11, { kind: "line_history", transitions });
    expect(story.codes).toEqual(["no_carrier", "line_up", "session_up"]);
    expect(story.lines[0]).toMatchObject({ text: cut.text, severity: "fault", at: at(1) });
  });
  test("wires that fail and come back are two lines, a modem that is only silent is one", () => {
    const silent = { code: "dsl_no_signal", text: { fr: "Rien.", en: "Nothing." } };
    const dsl = (second: number, from: string, to: string) => ({
      ...{ at: at(second), layer: "dsl" as const, from, to },
      ...(to === "no_signal" ? { cause: silent } : {}),
    });
    const story = new Story().tell(20, {
      kind: "line_history",
      transitions: [
        ...[dsl(0, "asking", "up"), dsl(1, "up", "no_signal")],
        { at: at(2), layer: "reach", from: "online", to: "offline", cause: silent },
        ...[dsl(3, "no_signal", "handshake"), dsl(4, "handshake", "training")],
        ...[dsl(5, "training", "showtime_no_tc"), dsl(6, "showtime_no_tc", "up")],
        ...[dsl(10, "up", "unreachable"), dsl(11, "unreachable", "up"), dsl(11, "none", "up")],
        { at: at(12), layer: "session", from: "configuring", to: "connected" },
      ],
    });
    expect(story.codes).toEqual([
      ...["dsl_up", "dsl_no_signal", "dsl_up", "dsl_modem_silent", "session_up"],
    ]);
  });
  test("the same history again is nothing new, also after a restart", () => {
    const story = new Story().tell(11, { kind: "line_history", transitions });
    const again = new Story(initial(configOf(), story.state.memory));
    again.tell(1, { kind: "line_history", transitions });
    expect(again.codes).toEqual([]);
    const more = { at: at(20), layer: "reach", from: "unknown", to: "online" } as const;
    again.tell(2, { kind: "line_history", transitions: [...transitions, more] });
    expect(again.codes).toEqual(["internet_back"]);
  });
});

describe("a new device", () => {
  test("is told of, and with a private address this is said", () => {
    const story = new Story()
      .tell(1, happens.device(1, "printer"))
      .tell(2, happens.device(2, "phone", { privateMac: true }));
    expect(story.notices).toEqual(["device_joined_private", "device_joined"]);
    expect(story.codes).toEqual(["device_new", "device_new"]);
  });
  test("of a guest is in the log and nowhere else", () => {
    const story = new Story()
      .tell(0, { kind: "networks", guests: ["guest"] })
      .tell(1, happens.device(1, "visitor", { network: "guest" }));
    expect(story.notices).toEqual([]);
    expect(story.codes).toEqual(["device_new"]);
  });
  test("of a person who wants to know nothing is not told of", () => {
    const quiet = { newDevice: false, internet: true, configuration: true, health: true };
    const story = new Story(initial(configOf({ notifications: quiet }), EMPTY_MEMORY));
    expect(story.tell(1, happens.device(1, "printer")).notices).toEqual([]);
  });
  test("that says its name later has it in what was told", () => {
    const story = new Story().tell(1, happens.device(1, "02:00:00"));
    story.tell(2, { kind: "named", id: "id-02:00:00", name: "Anna's tablet" });
    expect(story.state.memory.notifications).toMatchObject([{ subject: "Anna's tablet" }]);
  });
  test("with a hostile name: kept as it came, shown without what turns or hides text", () => {
    const name = "evil\u202Egpj.exe\n\u0000<script>alert(1)</script>";
    const story = new Story().tell(1, happens.device(1, name));
    const [line] = story.lines;
    expect(line?.actor).toBe(name);
    expect(line?.text.en).toBe(
      '"evil gpj.exe <script>alert(1)</script>" joined the network for the first time.',
    );
    expect(story.state.memory.notifications[0]?.text.fr).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
  test("with 64 KB of name is bounded everywhere", () => {
    const story = new Story().tell(1, happens.device(1, "n".repeat(65_536)));
    expect(story.lines[0]?.actor).toHaveLength(255);
    expect(story.lines[0]?.text.en.length).toBeLessThan(140);
  });
  test("named as a place of a sentence is not filled in twice", () => {
    const story = new Story().tell(1, happens.device(1, "{source}"));
    expect(story.lines[0]?.text.en).toContain('"{source}"');
  });
});

describe("a change", () => {
  test("is logged with who made it, from where and what; the factory's own is not", () => {
    const story = new Story().tell(1, happens.revision(1, 1)).tell(2, happens.revision(2, 2));
    expect(story.effects).toContainEqual({ kind: "ask_revisions", after: 1 });
    story.tell(3, happens.revisions(3, 2, "confirmed"));
    expect(story.lines).toMatchObject([
      {
        code: "revision_applied",
        actor: "Paul",
        source: "lan",
        text: { en: '"Paul" changed: lan.' },
      },
    ]);
  });
  const onTrial = (): Story =>
    new Story()
      .tell(1, happens.revision(1, 1))
      .tell(2, happens.revision(2, 2, true))
      .tell(3, happens.revisions(3, 2, "probation"));
  test("that waits is told of until it is confirmed", () => {
    const story = onTrial();
    expect(story.notices).toEqual(["change_waiting"]);
    story.tell(10, happens.revision(10, 2));
    expect(story.notices).toEqual([]);
    expect(story.codes).toEqual(["revision_on_trial", "revision_confirmed"]);
  });
  test("that was undone says so, once", () => {
    const undone = {
      at: at(100),
      fault: { code: "not_confirmed", text: { fr: "Pas confirmée.", en: "Not confirmed." } },
    };
    const story = onTrial();
    for (const second of [100, 101]) {
      story.tell(second, { kind: "revision", at: at(second), revision: 1, undone });
    }
    expect(story.notices).toEqual(["change_undone"]);
    expect(story.codes).toEqual(["revision_on_trial", "revision_undone"]);
    expect(story.lines.at(-1)?.text.en).toBe("The change was undone: Not confirmed.");
  });
  test("confirmed before anybody could say who made it does not wait for ever", () => {
    const story = new Story()
      .tell(1, happens.revision(1, 1))
      .tell(2, happens.revision(2, 2, true))
      .tell(3, happens.revision(3, 2))
      .tell(4, happens.revisions(4, 2, "probation"));
    expect(story.notices).toEqual([]);
  });
});

describe("a daemon", () => {
  test("that stops and comes back is two lines; its first word is none", () => {
    const story = new Story()
      .tell(1, happens.alive(1, "lan", true))
      .tell(2, happens.alive(2, "lan", false))
      .tell(3, happens.alive(3, "lan", true, 2));
    expect(story.codes).toEqual(["daemon_down", "daemon_up"]);
    expect(story.notices).toEqual([]);
  });
  test("that dies thrice in ten minutes is told of until ten minutes passed without a death", () => {
    const story = new Story().tell(0, happens.alive(0, "lan", true, 1));
    // Its end is not always told: another process number is a death, too.
    story.tell(100, happens.alive(100, "lan", true, 2));
    story.tell(200, happens.alive(200, "lan", true, 3));
    expect(story.notices).toEqual([]);
    story.tell(300, happens.alive(300, "lan", true, 4));
    expect(story.notices).toEqual(["daemon_unstable"]);
    story.tell(800, happens.alive(800, "lan", false)).tell(802, happens.alive(802, "lan", true, 5));
    expect(story.go(1401).notices).toEqual(["daemon_unstable"]);
    expect(story.go(1402).notices).toEqual([]);
  });
  test("that died thrice in an hour is not", () => {
    const story = new Story();
    for (const second of [0, 1200, 2400, 3600]) {
      story.tell(second, happens.alive(second, "lan", true, second + 1));
    }
    expect(story.notices).toEqual([]);
  });
});

describe("openings", () => {
  const web = "tcp 80 → 192.168.1.9:80";
  test("a new one is logged at once, a closed one when it stays closed", () => {
    const story = new Story().tell(1, happens.openings(1, web)).tell(100, happens.openings(100));
    expect(story.codes).toEqual(["opening_added"]);
    expect(story.go(131).codes).toEqual(["opening_added", "opening_removed"]);
  });
  test("a firewall that starts again opens and closes nothing", () => {
    const before = new Story().tell(1, happens.openings(1, web));
    const after = new Story(initial(configOf(), before.state.memory));
    after.tell(1, happens.openings(1)).tell(4, happens.openings(4, web)).go(100);
    expect(after.codes).toEqual([]);
  });
});

describe("the machine", () => {
  test("a disk that fills is told of, and is over only when there is clearly room", () => {
    const story = new Story().tell(0, happens.measured(0, 0.09)).go(21);
    expect(story.notices).toEqual(["storage_nearly_full"]);
    expect(story.tell(30, happens.measured(30, 0.12)).go(90).notices).toEqual([
      "storage_nearly_full",
    ]);
    expect(story.tell(100, happens.measured(100, 0.2)).go(121).notices).toEqual([]);
    expect(story.codes).toEqual(["storage_filling", "storage_room"]);
  });
  test("the ballast goes when no page is left, and comes back when there is room", () => {
    const disk = (freeBytes: number, ballast: boolean) =>
      ({ kind: "measured", at: at(0), storage: { totalBytes: 1e8, freeBytes, ballast } }) as const;
    const story = new Story()
      .tell(0, disk(100_000, true))
      .tell(1, disk(1_000_000, false))
      .tell(2, disk(9_000_000, false))
      .tell(3, disk(9_000_000, true));
    expect(story.effects.filter(({ kind }) => kind === "ballast")).toEqual([
      { kind: "ballast", wanted: false },
      { kind: "ballast", wanted: true },
    ]);
  });
  test("heat is told of when it lasts", () => {
    const story = new Story()
      .tell(0, happens.measured(0, 0.5, 92))
      .tell(10, happens.measured(10, 0.5, 70));
    expect(story.go(100).notices).toEqual([]);
    story
      .tell(100, happens.measured(100, 0.5, 92))
      .tell(110, happens.measured(110, 0.5, 90))
      .go(140);
    expect(story.notices).toEqual(["box_too_hot"]);
    expect(story.tell(150, happens.measured(150, 0.5, 84)).go(300).notices).toEqual([
      "box_too_hot",
    ]);
    expect(story.tell(310, happens.measured(310, 0.5, 60)).go(371).notices).toEqual([]);
  });
  test("a clock that stays wrong is told of; without Internet that is no news", () => {
    const wrong = (second: number) => ({ kind: "clock", at: at(second), wanted: true }) as const;
    const offline = new Story().tell(0, happens.offline(0)).tell(1, wrong(1)).go(2000);
    expect(offline.notices).toEqual(["internet_down"]);
    const online = new Story().tell(0, happens.online(0)).tell(1, wrong(1)).go(2000);
    expect(online.notices).toEqual(["clock_not_synchronised"]);
    online.tell(2001, { kind: "clock", at: at(2001), wanted: true, source: "192.0.2.1" });
    expect(online.notices).toEqual([]);
    expect(online.codes).toEqual(["clock_synchronised"]);
  });
  test("why it started is the first line", () => {
    const boot = { cause: "person", actor: "Anna" } as const;
    const story = new Story().tell(1, { kind: "started", at: at(1), boot });
    expect(story.lines[0]?.text.en).toBe('The box restarted, as "Anna" asked.');
    expect(new Story().tell(1, { kind: "started", at: at(1) }).codes).toEqual([]);
  });
});

describe("a flood", () => {
  const failed = (second: number, source: string) =>
    ({ kind: "security", at: at(second), code: "login_failed", actor: "x", source }) as const;
  test("of one source is ten lines a minute, then one that counts the rest", () => {
    const story = new Story();
    for (let i = 0; i < 500; i += 1) story.tell(1, failed(1, "192.168.1.5"));
    expect(story.codes).toHaveLength(10);
    story.go(62);
    expect(story.codes).toHaveLength(11);
    expect(story.lines.at(-1)).toMatchObject({
      code: "log_shortened",
      category: "security",
      source: "192.168.1.5",
      text: { en: "490 more events of the same kind were not noted." },
    });
    story.tell(63, failed(63, "192.168.1.5"));
    expect(story.codes).toHaveLength(12);
  });
  test("of made-up sources is bounded by its kind; another kind is heard", () => {
    const story = new Story();
    for (let i = 0; i < 5000; i += 1) story.tell(1, failed(1, `source-${i}`));
    expect(story.codes).toHaveLength(60);
    story.tell(2, {
      kind: "line_history",
      transitions: [
        { at: at(2), layer: "reach", from: "online", to: "offline", cause: NO_INTERNET },
      ],
    });
    expect(story.codes.at(-1)).toBe("no_internet");
    expect(story.go(120).codes.filter((code) => code === "log_shortened")).toHaveLength(1);
    expect(story.state.flood.size).toBe(0);
  });
  test("of new devices fills fifty places and drops no fault", () => {
    const story = new Story().tell(0, happens.offline(0)).go(40);
    for (let i = 0; i < 300; i += 1) story.tell(41, happens.device(41, `device-${i}`));
    expect(story.notices).toHaveLength(50);
    expect(story.notices).toContain("internet_down");
  });
});
