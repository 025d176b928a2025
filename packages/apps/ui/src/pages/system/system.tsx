import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function System() {
  return (
    <PageFrame page="system" title={t("nav.system")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
