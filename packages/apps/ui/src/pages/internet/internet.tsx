import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Internet() {
  return (
    <PageFrame page="internet" title={t("nav.internet")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
