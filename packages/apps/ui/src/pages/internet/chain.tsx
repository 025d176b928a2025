import type { WanState } from "@passerelle/contract";
import { Name } from "../../components/name.tsx";
import { type Status, StatusWord } from "../../components/status-word.tsx";
import type { Link } from "../../core/line-chain.ts";
import { formatDateTime } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";
import { formatMilliseconds } from "../../words/units.ts";

/** Cable, address, operator, Internet: each says whether it holds, and the broken one says why. */
export function Chain(props: { readonly links: readonly Link[]; readonly line: WanState }) {
  return (
    <ol class="chain">
      {props.links.map((link) => (
        <li key={link.name} class={`chain-link chain-${link.state}`}>
          <div class="chain-head">
            <h3>{t(`chain.${link.name}`)}</h3>
            <StatusWord status={STATUS[link.state]}>{t(`chain.word.${link.state}`)}</StatusWord>
          </div>
          <p>{sentenceOf(link, props.line)}</p>
          {link.fault?.raw !== undefined && (
            <p class="small muted">
              {t("chain.said")} <Name>{link.fault.raw}</Name>
            </p>
          )}
          {link.since !== undefined && (
            <p class="small muted">{t("chain.since", { since: formatDateTime(link.since) })}</p>
          )}
        </li>
      ))}
    </ol>
  );
}

const STATUS: Readonly<Record<Link["state"], Status>> = {
  ok: "ok",
  working: "working",
  warning: "warning",
  fault: "fault",
  waiting: "off",
};

function sentenceOf(link: Link, line: WanState): string {
  if (link.state === "waiting") return t("chain.waiting");
  if (link.state === "ok") return fine(link, line);
  if (link.fault !== undefined && link.state !== "working") return say(link.fault.text);
  switch (link.name) {
    case "cable":
      return t(line.access.kind === "absent" ? "chain.cable.absent" : "chain.cable.fault");
    case "address":
      return t(link.state === "working" ? "chain.address.working" : "chain.address.fault");
    case "operator":
      return t("chain.operator.fault");
    case "internet":
      if (link.state === "working") return t("chain.internet.working");
      return t(link.state === "warning" ? "chain.internet.warning" : "chain.internet.fault");
  }
}

function fine({ name }: Link, { session, reach }: WanState): string {
  switch (name) {
    case "cable":
      return t("chain.cable.ok");
    case "address":
      return t("chain.address.ok", { address: "address" in session ? plain(session.address) : "" });
    case "operator":
      return t("chain.operator.ok");
    case "internet":
      return reach.kind === "online" && reach.rttMs !== undefined
        ? t("chain.internet.ok", { time: formatMilliseconds(reach.rttMs) })
        : t("chain.internet.ok.plain");
  }
}

/** Without the length of the network, which says nothing to people. */
function plain(address: string): string {
  return address.split("/")[0] ?? address;
}
