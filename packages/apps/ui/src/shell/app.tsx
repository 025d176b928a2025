import { session, unreachable, welcome } from "../box/session.ts";
import { Toasts } from "../components/toast.tsx";
import { t } from "../words/index.ts";
import { ApplyFlow } from "./apply-flow.tsx";
import { Lazy } from "./lazy.tsx";
import { SessionExpiry } from "./session-expiry.tsx";
import { Shell } from "./shell.tsx";
import { StepUpDialog } from "./step-up.tsx";

const loadLogin = () => import("../pages/login.tsx");
const loadFirstRun = () => import("../pages/first-run/first-run.tsx");

/** Which of the four faces the page shows. The address stays as it is: after a log-in one is where one was. */
export function App() {
  return (
    <>
      <Face />
      <ApplyFlow />
      <StepUpDialog />
      <Toasts />
    </>
  );
}

function Face() {
  if (unreachable.value || welcome.value === undefined) return <Unreachable />;
  if (!welcome.value.firstRunDone) return <Lazy load={loadFirstRun} params={{}} />;
  if (session.value === "none" || session.value === undefined) {
    return <Lazy load={loadLogin} params={{}} />;
  }
  return (
    <>
      <Shell />
      <SessionExpiry session={session.value} />
    </>
  );
}

function Unreachable() {
  return (
    <main class="alone" id="content">
      <h1>{t("app.unreachable")}</h1>
      <p role="status">{t("app.unreachable.next")}</p>
    </main>
  );
}
