import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { t } from "../words/index.ts";
import type { Page, PageProps } from "./pages.ts";

const loaded = new Map<Page["load"], ComponentType<PageProps>>();

/** A part that is fetched when it is wanted. Shown at once from then on. */
export function Lazy(props: PageProps & { readonly load: Page["load"] }) {
  const { load } = props;
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
  const Part = loaded.get(load);
  if (Part !== undefined) return <Part params={props.params} />;
  if (!failed) {
    return (
      <p class="loading">
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      </p>
    );
  }
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
