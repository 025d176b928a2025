import { useChannel } from "../../box/live.ts";
import { Notice } from "../../components/notice.tsx";
import { Card } from "../../components/tile.tsx";
import { EventLog } from "../../parts/event-log.tsx";
import { PageFrame } from "../../shell/page-frame.tsx";
import { say, t } from "../../words/index.ts";
import { Apps } from "./apps.tsx";
import { Blocked } from "./blocked.tsx";
import { EncryptedAccess } from "./encrypted-access.tsx";
import { Openings } from "./openings.tsx";
import { PasswordChange } from "./password-change.tsx";
import { Sessions } from "./sessions.tsx";
import "./security.css";

/** What may come in, who may do what, and what was done. */
export default function Security() {
  const mappings = useChannel("port-mappings")?.portMappings;
  const firewall = useChannel("firewall");
  const open = mappings?.filter((one) => one.enabled).length;
  const title =
    open === undefined
      ? t("nav.security")
      : open === 0
        ? t("security.closed")
        : t("security.open", { n: open });
  return (
    <PageFrame page="security" title={title}>
      <div class="stack">
        {firewall?.kind === "failed" && (
          <Notice status="fault" alert>
            <p>
              <strong>{t("security.failed")}</strong>
            </p>
            <p>{firewall.fault === undefined ? null : say(firewall.fault.text)}</p>
            <p>{t("security.failed.text")}</p>
          </Notice>
        )}
        <Openings mappings={mappings} />
        <Apps />
        <div class="split">
          <Sessions />
          <Blocked />
        </div>
        <div class="split">
          <PasswordChange />
          <EncryptedAccess />
        </div>
        <Card title={t("audit.title")}>
          <p>{t("audit.text")}</p>
          <EventLog category="security" />
        </Card>
      </div>
    </PageFrame>
  );
}
