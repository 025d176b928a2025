import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { t } from "../words/index.ts";
import type { Page, PageProps } from "./pages.ts";

const loaded = new Map<Page["load"], ComponentType<PageProps>>();

/** A page that is fetched when it is wanted. Shown at once from then on. */
export function Lazy(props: PageProps & { readonly load: Page["load"] }) {
  const { Part, failed } = useLoaded(props.load);
  if (Part !== undefined) return <Part params={props.params} />;
  if (!failed) return <Loading />;
  return (
    <>
      <h1>{t("app.page_failed")}</h1>
      <p>{t("app.page_failed.text")}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        {t("app.reload")}
      </Button>
    </>
  );
}

/** A part of a page that not every home needs. Without it, the rest of the page goes on. */
export function LazyPart({ load }: { readonly load: Page["load"] }) {
  const { Part, failed } = useLoaded(load);
  if (Part !== undefined) return <Part params={NOTHING} />;
  if (!failed) return <Loading />;
  return (
    <Notice status="fault">
      <p>{t("app.page_failed.text")}</p>
    </Notice>
  );
}

const NOTHING = {};

function useLoaded(load: Page["load"]): {
  readonly Part: ComponentType<PageProps> | undefined;
  readonly failed: boolean;
} {
  const [, arrived] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (loaded.has(load)) return;
    setFailed(false);
    load().then(
      (module) => {
        loaded.set(load, module.default);
        arrived((n) => n + 1);
      },
      () => setFailed(true),
    );
  }, [load]);
  return { Part: loaded.get(load), failed };
}

function Loading() {
  return (
    <p class="loading">
      <StatusWord status="working">{t("app.loading")}</StatusWord>
    </p>
  );
}
