import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.tsx";
import { StatusWord } from "../components/status-word.tsx";
import type { Help, HelpTexts } from "../help/help.ts";
import { language, t } from "../words/index.ts";
import type { PageName } from "./pages.ts";

const loaders: Readonly<Record<"fr" | "en", () => Promise<HelpTexts>>> = {
  fr: async () => (await import("../help/fr.ts")).helpFr,
  en: async () => (await import("../help/en.ts")).helpEn,
};

/** What the page shows, what is safe, when to change something: from the box itself, so also without the Internet. */
export function HelpPanel(props: {
  readonly page: PageName;
  readonly title: string;
  readonly onClose: () => void;
}) {
  const [help, setHelp] = useState<Help>();
  const speaks = language();
  useEffect(() => {
    let gone = false;
    void loaders[speaks]().then((texts) => {
      if (!gone) setHelp(texts[props.page]);
    });
    return () => {
      gone = true;
    };
  }, [speaks, props.page]);
  return (
    <Dialog title={t("help.title", { page: props.title })} kind="side" onClose={props.onClose}>
      {help === undefined ? (
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      ) : (
        help.map((part) => (
          <section key={part.title}>
            <h3>{part.title}</h3>
            {part.text.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </section>
        ))
      )}
    </Dialog>
  );
}
