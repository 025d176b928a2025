import type { WanState } from "@passerelle/contract";
import { Facts } from "../../components/tile.tsx";
import { OPERATORS } from "../../core/operators.ts";
import { formatDateTime, formatRate } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

/** What the operator gave, for who has to type it somewhere. */
export function LineFacts(props: {
  readonly line: WanState;
  readonly resolvers: readonly string[];
}) {
  const { line, resolvers } = props;
  const { session } = line;
  const given = "obtainedAt" in session ? session : undefined;
  const lease = given !== undefined && "server" in given ? given : undefined;
  const address = given?.address?.split("/")[0];
  return (
    <div class="stack">
      <p>{address === undefined ? t("facts.none") : t("facts.text", { address })}</p>
      <Facts
        rows={[
          given?.address !== undefined
            ? [t("facts.address"), <span class="numeric">{given.address}</span>]
            : undefined,
          line.sharedAddress !== undefined
            ? [t("facts.shared"), t(`facts.shared.${line.sharedAddress}`)]
            : undefined,
          [t("facts.ipv6"), ipv6Text(line.ipv6)],
          line.ipv6.addresses.length > 0
            ? [t("facts.ipv6.line"), <span class="numeric">{line.ipv6.addresses.join(", ")}</span>]
            : undefined,
          given?.gateway !== undefined ? [t("facts.gateway"), given.gateway] : undefined,
          [
            t("facts.resolvers"),
            resolvers.length === 0 ? t("facts.resolvers.none") : resolvers.join(", "),
          ],
          lease && [t("facts.server"), lease.server],
          session.kind === "connected"
            ? [t("facts.concentrator"), session.concentrator]
            : undefined,
          given && [t("facts.obtained"), formatDateTime(given.obtainedAt)],
          lease && [t("facts.renews"), formatDateTime(lease.renewsAt)],
          lease && [t("facts.expires"), formatDateTime(lease.expiresAt)],
          line.shaping !== undefined ? [t("facts.shaping"), shapingText(line.shaping)] : undefined,
          [t("facts.profile"), operatorName(line.profile)],
          line.mac !== undefined ? [t("facts.mac"), line.mac] : undefined,
          [t("facts.interface"), line.interface],
        ]}
      />
    </div>
  );
}

/** The prefix of the home, or why there is none. */
function ipv6Text({ kind, prefixes, fault }: WanState["ipv6"]): string {
  if (prefixes.length > 0) return prefixes.join(", ");
  if (fault !== undefined) return say(fault.text);
  return t(kind === "off" ? "facts.ipv6.off" : "facts.ipv6.none");
}

function shapingText({ kind, download, upload }: NonNullable<WanState["shaping"]>): string {
  const rates = { down: formatRate(download * 1000), up: formatRate(upload * 1000) };
  return t(kind === "refused" ? "facts.shaping.refused" : "facts.shaping.rates", rates);
}

function operatorName(profile: string): string {
  return OPERATORS.find(({ id }) => id === profile)?.title ?? t("line.profile.other");
}
