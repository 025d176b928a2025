import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { welcome } from "../box/session.ts";
import { IconButton } from "../components/button.tsx";
import { t } from "../words/index.ts";
import { HelpPanel } from "./help-panel.tsx";
import type { PageName } from "./pages.ts";
import { navigations } from "./route.ts";

/** What every page is: one heading, its help, its content. The heading takes the focus when one comes from another page. */
export function PageFrame(props: {
  readonly page: PageName;
  /** The heading; a sentence where one says more than a name. */
  readonly title: ComponentChildren;
  /** For the window's title; absent: the heading, which then is a text. */
  readonly plainTitle?: string;
  readonly children: ComponentChildren;
  /** Above the heading: the way back. */
  readonly above?: ComponentChildren;
}) {
  const [help, setHelp] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const arrived = navigations.value;
  useEffect(() => {
    if (arrived > 0) heading.current?.focus({ preventScroll: true });
  }, [arrived]);
  const words = props.plainTitle ?? (typeof props.title === "string" ? props.title : "");
  const box = welcome.value?.name ?? "";
  useEffect(() => {
    document.title = [words, box].filter((part) => part !== "").join(" – ");
  }, [words, box]);
  return (
    <>
      {props.above}
      <div class="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {props.title}
        </h1>
        <IconButton icon="help" label={t("help.open")} onClick={() => setHelp(true)} />
      </div>
      {props.children}
      {help && <HelpPanel page={props.page} title={words} onClose={() => setHelp(false)} />}
    </>
  );
}
