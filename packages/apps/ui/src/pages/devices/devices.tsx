import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Devices() {
  return (
    <PageFrame page="devices" title={t("nav.devices")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
