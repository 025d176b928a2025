import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";

export default function Home() {
  return (
    <PageFrame page="home" title={t("nav.home")}>
      <p>{t("app.soon")}</p>
    </PageFrame>
  );
}
