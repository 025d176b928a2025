import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Expert() {
  return (
    <PageFrame page="expert" title={t("nav.expert")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
