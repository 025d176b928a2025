import "./styles/base.css";
import "./styles/charts.css";
import "./styles/components.css";
import "./styles/shell.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { setDoorKeeper } from "./box/api.ts";
import { livePhaseSignal } from "./box/live.ts";
import { leave, meetBox, renewSession, session, unreachable, wasInside } from "./box/session.ts";
import { keepFocus } from "./components/focus.ts";
import { App } from "./shell/app.tsx";
import { keepFromLink } from "./shell/keep-link.ts";
import { pageAt } from "./shell/pages.ts";
import { followLinks } from "./shell/route.ts";
import { askStepUp } from "./shell/step-up.tsx";
import { followTheme } from "./shell/theme.ts";
import { firstLanguage, speak } from "./words/index.ts";

const AGAIN_MS = 3_000;

followTheme();
setDoorKeeper({ stepUp: askStepUp, sessionLost });
followLinks();
keepFocus();
// Its code comes while the box says who we are.
if (wasInside())
  pageAt(location.pathname)
    ?.page.load()
    .catch(() => undefined);
await Promise.all([speak(firstLanguage()), meetBox()]);
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
void keepFromLink();

// The box may be starting: ask until it answers. After a restart it may know nobody any more, and only an answer says so.
setInterval(() => {
  if (unreachable.value) void meetBox();
  else if (livePhaseSignal.value === "reconnecting" && isInside()) void renewSession();
}, AGAIN_MS);

// Where the live connection breaks, the reason may be that the session is over.
effect(() => {
  if (livePhaseSignal.value === "reconnecting" && isInside()) void renewSession();
});

/** The box may have been erased meanwhile: then the first screens come, not the log-in. */
function sessionLost(): void {
  leave();
  void meetBox();
}

function isInside(): boolean {
  return session.peek() !== "none" && session.peek() !== undefined;
}
