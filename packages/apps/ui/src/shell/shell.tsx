import { useEffect, useState } from "preact/hooks";
import { livePhaseSignal, stale } from "../box/live.ts";
import { logOut, welcome } from "../box/session.ts";
import { Button, ButtonLink } from "../components/button.tsx";
import { Choice } from "../components/field.tsx";
import { Icon } from "../components/icon.tsx";
import { Menu } from "../components/menu.tsx";
import { Name } from "../components/name.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { t } from "../words/index.ts";
import { LanguageChoice } from "./language-choice.tsx";
import { Lazy } from "./lazy.tsx";
import { PAGES, type Page, pageAt } from "./pages.ts";
import { path } from "./route.ts";
import { chooseTheme, THEMES, type Theme, themeSignal } from "./theme.ts";

/** So many stand in the bar of a phone; the rest behind "More". */
const IN_BAR = 4;

export function Shell() {
  const found = pageAt(path.value);
  return (
    <div class={`shell ${stale.value ? "shell-stale" : ""}`}>
      <a class="skip" href="#content">
        {t("app.skip")}
      </a>
      <Header />
      <Navigation current={found?.page} />
      <main id="content" tabIndex={-1}>
        {found === undefined ? (
          <NotFound />
        ) : (
          <Lazy key={path.value} load={found.page.load} params={found.params} />
        )}
      </main>
    </div>
  );
}

function Header() {
  return (
    <header class="top">
      <a class="brand" href="/">
        <Icon name="gateway" />
        <Name>{welcome.value?.name ?? ""}</Name>
      </a>
      <LiveState />
      <Menu icon="menu" label={t("menu.label")}>
        {() => (
          <>
            <LanguageChoice />
            <Choice<Theme>
              label={t("menu.theme")}
              name="theme"
              value={themeSignal.value}
              onChange={chooseTheme}
              options={THEMES.map((value) => ({ value, label: t(`menu.theme.${value}`) }))}
            />
            <Button onClick={() => void logOut()}>{t("menu.log_out")}</Button>
          </>
        )}
      </Menu>
    </header>
  );
}

function LiveState() {
  const phase = livePhaseSignal.value;
  return (
    <div class="live-state" role="status">
      <StatusWord
        status={phase === "live" ? "ok" : phase === "off" ? "off" : "working"}
        icon={phase === "live" ? "internet" : "working"}
      >
        {t(`live.${phase}`)}
      </StatusWord>
    </div>
  );
}

function Navigation({ current }: { readonly current: Page | undefined }) {
  const [open, setOpen] = useState(false);
  const now = path.value;
  useEffect(() => setOpen(false), [now]);
  const pages = PAGES.filter((page) => page.nav !== undefined);
  const rest = pages.slice(IN_BAR);
  return (
    <nav class="nav" aria-label={t("nav.label")}>
      <ul class={open ? "open" : undefined}>
        {pages.map((page, index) => (
          <NavItem key={page.name} page={page} current={current} isRest={index >= IN_BAR} />
        ))}
        <li class="nav-more">
          <button
            type="button"
            aria-expanded={open}
            class={rest.some((page) => page === current) ? "current" : undefined}
            onClick={() => setOpen(!open)}
          >
            <Icon name="more" />
            <span>{t("nav.more")}</span>
          </button>
        </li>
      </ul>
    </nav>
  );
}

function NavItem(props: {
  readonly page: Page;
  readonly current: Page | undefined;
  readonly isRest: boolean;
}) {
  const { nav } = props.page;
  if (nav === undefined) return null;
  const isHere =
    props.page === props.current ||
    // A page below belongs to the one above it.
    (props.page.path !== "/" && props.current?.path.startsWith(`${props.page.path}/`) === true);
  return (
    <li class={props.isRest ? "nav-rest" : undefined}>
      <a href={props.page.path} aria-current={isHere ? "page" : undefined}>
        <Icon name={nav.icon} />
        <span>{t(nav.label)}</span>
      </a>
    </li>
  );
}

function NotFound() {
  return (
    <>
      <h1>{t("app.not_found")}</h1>
      <p>{t("app.not_found.text")}</p>
      <ButtonLink href="/" kind="primary">
        {t("app.to_home")}
      </ButtonLink>
    </>
  );
}
