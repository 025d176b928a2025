import { PageFrame } from "../../shell/page-frame.tsx";
import { t } from "../../words/index.ts";
import { Assistants } from "./assistants.tsx";
import "./diagnostics.css";
import { LogCard } from "./log-card.tsx";
import { SupportBundle } from "./support-bundle.tsx";
import { Tools } from "./tools.tsx";

/** Assistants first; tools, events and the report after them. */
export default function Diagnostics() {
  return (
    <PageFrame page="diagnostics" title={t("diag.title")}>
      <div class="stack">
        <Assistants />
        <Tools />
        <LogCard />
        <SupportBundle />
      </div>
    </PageFrame>
  );
}
