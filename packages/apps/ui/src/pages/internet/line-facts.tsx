import type { WanState } from "@passerelle/contract";
import { Facts } from "../../components/tile.tsx";
import { OPERATORS } from "../../core/operators.ts";
import { formatDateTime } from "../../words/format.ts";
import { t } from "../../words/index.ts";

/** What the operator gave, for who has to type it somewhere. */
export function LineFacts(props: {
  readonly line: WanState;
  readonly resolvers: readonly string[];
}) {
  const { line, resolvers } = props;
  const { session } = line;
  const lease = "obtainedAt" in session ? session : undefined;
  const address = lease?.address.split("/")[0];
  return (
    <div class="stack">
      <p>{address === undefined ? t("facts.none") : t("facts.text", { address })}</p>
      <Facts
        rows={[
          lease && [t("facts.address"), <span class="numeric">{lease.address}</span>],
          [t("facts.ipv6"), t("facts.ipv6.none")],
          lease?.gateway !== undefined ? [t("facts.gateway"), lease.gateway] : undefined,
          [
            t("facts.resolvers"),
            resolvers.length === 0 ? t("facts.resolvers.none") : resolvers.join(", "),
          ],
          lease && [t("facts.server"), lease.server],
          lease && [t("facts.obtained"), formatDateTime(lease.obtainedAt)],
          lease && [t("facts.renews"), formatDateTime(lease.renewsAt)],
          lease && [t("facts.expires"), formatDateTime(lease.expiresAt)],
          [t("facts.profile"), operatorName(line.profile)],
          line.mac !== undefined ? [t("facts.mac"), line.mac] : undefined,
          [t("facts.interface"), line.interface],
        ]}
      />
    </div>
  );
}

function operatorName(profile: string): string {
  return OPERATORS.find(({ id }) => id === profile)?.title ?? t("line.profile.other");
}
