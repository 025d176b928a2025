import { useState } from "preact/hooks";
import { settingsChange } from "../../box/change.ts";
import { welcome } from "../../box/session.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Choice } from "../../components/field.tsx";
import { Fold } from "../../components/fold.tsx";
import { Notice, ProblemNotice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { useConfig } from "../../parts/use-config.ts";
import { startChange } from "../../shell/apply-flow.tsx";
import { t } from "../../words/index.ts";

const STEPS = ["windows", "mac", "iphone", "android", "firefox"] as const;

/** Whether the page is encrypted, and how to make the browser believe it. */
export function EncryptedAccess() {
  const { secure, fingerprint } = welcome.value ?? {};
  return (
    <Card title={t("https.title")}>
      <div class="stack">
        {secure === true ? (
          <StatusWord status="ok">{t("https.secure")}</StatusWord>
        ) : (
          <Notice status="warning">
            <p>{t("https.insecure")}</p>
            <p>
              <a href={`https://${location.hostname}/security`}>{t("https.open")}</a>
            </p>
          </Notice>
        )}
        <p>{t("https.certificate")}</p>
        <div class="actions">
          <ButtonLink href="/api/v1/certificate" download="passerelle.crt" icon="down">
            {t("https.get")}
          </ButtonLink>
        </div>
        <Fold title={t("https.how")}>
          <ul class="steps">
            {STEPS.map((step) => (
              <li key={step}>{t(`https.how.${step}`)}</li>
            ))}
          </ul>
          <p class="muted">{t("https.how.safe")}</p>
        </Fold>
        {fingerprint !== undefined && (
          <div>
            <p class="small muted">{t("https.fingerprint")}</p>
            <p class="fingerprint">{fingerprint}</p>
          </div>
        )}
        <Mode />
      </div>
    </Card>
  );
}

type Mode = "offered" | "required";

/** Chosen first and applied after: an arrow key alone must not close a door. */
function Mode() {
  const { sections, problem } = useConfig();
  const stored = modeIn(sections?.web);
  const [chosen, choose] = useState<Mode>();
  if (problem !== undefined) return <ProblemNotice problem={problem} />;
  if (stored === undefined) return null;
  const https = chosen ?? stored;
  const change = (): void =>
    startChange(
      settingsChange({
        title: t("https.mode.change"),
        text: t(`https.mode.text.${https}`),
        changes: [{ section: "web", patch: { https } }],
        done: t("https.mode.done"),
        onDone: () => choose(undefined),
      }),
    );
  return (
    <>
      <Choice<Mode>
        label={t("https.mode")}
        name="https"
        value={https}
        onChange={choose}
        options={[
          { value: "offered", label: t("https.mode.offered") },
          { value: "required", label: t("https.mode.required") },
        ]}
      />
      {https !== stored && (
        <div class="actions">
          <Button kind="primary" onClick={change}>
            {t("openings.new.go")}
          </Button>
        </div>
      )}
    </>
  );
}

function modeIn(section: unknown): Mode | undefined {
  if (typeof section !== "object" || section === null || !("https" in section)) return undefined;
  return section.https === "required" ? "required" : "offered";
}
