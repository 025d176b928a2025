import type { WanState } from "@passerelle/contract";

type Fault = NonNullable<WanState["cause"]>;

/** One link of the line, from the wall to the world. */
export interface Link {
  readonly name: LinkName;
  /** "waiting": nothing can be said before the link in front of it holds. */
  readonly state: "ok" | "working" | "fault" | "warning" | "waiting";
  readonly since: number | undefined;
  /** Why it does not hold, where it is this link that breaks the line. */
  readonly fault: Fault | undefined;
}

export const LINKS = ["cable", "address", "operator", "internet"] as const;
export type LinkName = (typeof LINKS)[number];

/** The line as four links in a row; the first that does not hold carries the reason. */
export function chainOf(line: WanState): readonly Link[] {
  const made = LINKS.map((name): Link => ({ name, fault: undefined, ...linkOf(name, line) }));
  const broken = made.findIndex((link) => link.state !== "ok");
  if (broken === -1) return made;
  return made.map((link, index) => {
    if (index < broken) return link;
    if (index > broken) return { ...link, state: "waiting", since: undefined };
    return { ...link, fault: line.cause };
  });
}

type Half = Pick<Link, "state" | "since">;

function linkOf(name: LinkName, line: WanState): Half {
  switch (name) {
    case "cable":
      return cable(line);
    case "address":
      return address(line);
    case "operator":
      return operator(line);
    case "internet":
      return internet(line);
  }
}

function cable({ access }: WanState): Half {
  if (access.kind === "absent") return { state: "fault", since: undefined };
  return { state: access.kind === "up" ? "ok" : "fault", since: access.since };
}

function address({ session, cause, since }: WanState): Half {
  switch (session.kind) {
    case "bound":
    case "renewing":
    case "rebinding":
      return { state: "ok", since: session.obtainedAt };
    case "connected":
      if (session.address !== undefined) return { state: "ok", since: session.obtainedAt };
      return { state: isOnTheWay(cause) ? "working" : "fault", since };
    case "idle":
    case "selecting":
    case "requesting":
    case "rebooting":
    case "pausing":
    case "discovering":
    case "negotiating":
    case "authenticating":
    case "configuring":
    case "terminating":
      return { state: isOnTheWay(cause) ? "working" : "fault", since };
  }
}

/** An address is not everything: a stranger's line is parked, and names have to be answered. */
function operator({ cause, session, since }: WanState): Half {
  if (cause !== undefined && OPERATOR_CODES.includes(cause.code)) return { state: "fault", since };
  const held = "obtainedAt" in session ? session.obtainedAt : undefined;
  return { state: "ok", since: held };
}

function internet({ reach }: WanState): Half {
  switch (reach.kind) {
    case "unknown":
      return { state: "working", since: undefined };
    case "online":
      return { state: "ok", since: reach.since };
    case "limited":
      return { state: "warning", since: reach.since };
    case "offline":
      return { state: "fault", since: reach.since };
  }
}

/** The first seconds are no fault. */
function isOnTheWay(cause: Fault | undefined): boolean {
  return cause === undefined || cause.code === "connecting";
}

const OPERATOR_CODES: readonly string[] = ["refused_parked", "no_resolver", "wan_lan_overlap"];
