import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Security() {
  return (
    <PageFrame page="security" title={t("nav.security")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
