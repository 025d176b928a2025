import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Diagnostics() {
  return (
    <PageFrame page="diagnostics" title={t("nav.diagnostics")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
