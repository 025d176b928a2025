import { useEffect, useState } from "preact/hooks";
import { logOut, renewSession, type Session } from "../box/session.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { expiryOf } from "../core/expiry.ts";
import { formatDuration } from "../words/format.ts";
import { t } from "../words/index.ts";

const LOOK_MS = 5_000;

/** Warns two minutes before the session ends, unless the person was active: then it is renewed without a word. */
export function SessionExpiry({ session }: { readonly session: Session }) {
  const [leftMs, setLeftMs] = useState<number>();
  // The box's calendar may be wrong, and so may ours: what counts is how long it still lasts.
  const lastsMs = session.expiresAt - session.lastSeenAt;
  useEffect(() => {
    const renewedAt = Date.now();
    const expiresAt = renewedAt + lastsMs;
    let activeAt = 0;
    const active = (): void => {
      activeAt = Date.now();
    };
    const look = (): void => {
      const now = Date.now();
      const verdict = expiryOf({ expiresAt, renewedAt, activeAt, now });
      setLeftMs(verdict.kind === "warn" ? verdict.leftMs : undefined);
      if (verdict.kind === "over") void logOut();
      if (verdict.kind === "renew") void renewSession();
    };
    addEventListener("pointerdown", active);
    addEventListener("keydown", active);
    const timer = setInterval(look, LOOK_MS);
    return () => {
      removeEventListener("pointerdown", active);
      removeEventListener("keydown", active);
      clearInterval(timer);
    };
  }, [session, lastsMs]);
  if (leftMs === undefined) return null;
  const stay = (): void => {
    setLeftMs(undefined);
    void renewSession();
  };
  return (
    <Dialog
      title={t("expiry.title")}
      onClose={stay}
      footer={
        <Button kind="primary" onClick={stay}>
          {t("expiry.stay")}
        </Button>
      }
    >
      <p role="status">{t("expiry.text", { left: formatDuration(leftMs) })}</p>
    </Dialog>
  );
}
