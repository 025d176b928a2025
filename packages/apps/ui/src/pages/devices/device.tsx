import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Device() {
  return (
    <PageFrame page="device" title={t("nav.devices")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
