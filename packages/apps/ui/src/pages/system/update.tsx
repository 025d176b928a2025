import type { SystemUpgrade, UpgradeBundle } from "@passerelle/contract";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Answer, api } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { uploadFile } from "../../box/upload.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { FileChoice } from "../../components/file-choice.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card, Facts } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { formatDateTime } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";

type Phase = SystemUpgrade["phase"];

/** Another version of the system: what runs, what comes, and what became of it. */
export function Update() {
  const upgrade = useChannel("upgrade");
  if (upgrade === undefined) return null;
  const { phase, last } = upgrade;
  return (
    <Card title={t("updates.title")}>
      <div class="stack">
        {last !== undefined && (
          <Notice status={last.kind === "fell_back" ? "warning" : "info"}>
            <p>
              {t(`updates.last.${last.kind}`, {
                version: last.version,
                from: last.from,
                at: formatDateTime(last.at),
              })}
            </p>
            {last.missing !== undefined && last.missing.length > 0 && (
              <p>{t("updates.last.missing", { what: lacks(last.missing) })}</p>
            )}
          </Notice>
        )}
        <Running upgrade={upgrade} />
        {phase.kind === "unsupported" ? <p>{t("updates.unsupported")}</p> : <Step phase={phase} />}
        {phase.kind === "idle" && upgrade.other?.bootable === true && <GoBack />}
      </div>
    </Card>
  );
}

function Running({ upgrade }: { readonly upgrade: SystemUpgrade }) {
  const { running, other, phase } = upgrade;
  const what =
    other?.version === undefined
      ? t("updates.other.same")
      : t("updates.other.version", { version: other.version });
  return (
    <Facts
      rows={[
        [t("updates.running"), running.version],
        running.builtAt === undefined ? undefined : [t("updates.built"), running.builtAt],
        other === undefined
          ? undefined
          : [t("updates.other"), other.bootable ? what : t("updates.other.bad", { what })],
        phase.kind === "unsupported" ? undefined : [t("updates.proof"), proofText(upgrade)],
      ]}
    />
  );
}

function proofText({ proven, missing }: SystemUpgrade): string {
  if (proven) return t("updates.proof.good");
  if (missing.length === 0) return t("updates.proof.wait");
  return t("updates.proof.missing", { what: lacks(missing) });
}

function lacks(missing: SystemUpgrade["missing"]): string {
  return missing.map((lack) => t(`updates.lack.${lack}`)).join(", ");
}

/** What a person can do now, or waits for. */
function Step({ phase }: { readonly phase: Exclude<Phase, { kind: "unsupported" }> }) {
  switch (phase.kind) {
    case "idle":
      return <Choose />;
    case "inspecting":
      return <StatusWord status="working">{t("updates.inspecting")}</StatusWord>;
    case "refused":
    case "failed":
      return (
        <Told status="fault" title={t(`updates.${phase.kind}`)}>
          {phase.bundle !== undefined && <What bundle={phase.bundle} />}
          <p>{say(phase.fault.text)}</p>
          {phase.fault.next !== undefined && <p>{say(phase.fault.next)}</p>}
          <Actions>
            <Button onClick={() => void ask(api.call("DELETE /system/upgrade"))}>
              {t("updates.close")}
            </Button>
          </Actions>
        </Told>
      );
    case "ready":
      return <Ready bundle={phase.bundle} />;
    case "installing":
      return (
        <Told status="working" title={t("updates.installing", { version: phase.bundle.version })}>
          <progress
            value={phase.percent}
            max={100}
            aria-label={t("updates.installing", { version: phase.bundle.version })}
          />
          <p>{t("updates.installing.text", { percent: phase.percent })}</p>
        </Told>
      );
    case "installed":
      return (
        <Told status="ok" title={t("updates.installed", { version: phase.version })}>
          <p>{t("updates.installed.text")}</p>
          <Actions>
            <Button kind="primary" onClick={() => void ask(api.call("POST /system/reboot"))}>
              {t("updates.restart")}
            </Button>
          </Actions>
        </Told>
      );
    case "restarting":
      return (
        <Told status="working" title={t("updates.restarting", { version: phase.version })}>
          <p>{t("updates.restarting.text")}</p>
        </Told>
      );
    case "trial":
      return (
        <Told status="working" title={t("updates.trial", { version: phase.version })}>
          <p>{t("updates.trial.text", { seconds: phase.secondsLeft })}</p>
        </Told>
      );
  }
}

function Choose() {
  const [file, setFile] = useState<File>();
  const [errors, setErrors] = useState<FormErrors>({});
  const [sent, setSent] = useState<number>();
  const submit = async (): Promise<void> => {
    if (file === undefined) return setErrors({ file: t("updates.file.missing") });
    setErrors({});
    setSent(0);
    const answer = await uploadFile("/api/v1/system/upgrade", file, setSent);
    setSent(undefined);
    if (!answer.ok) setErrors({ file: say(answer.problem.text) });
  };
  return (
    <Form onSubmit={() => void submit()} errors={errors}>
      <p>{t("updates.text")}</p>
      <FileChoice
        name="file"
        label={t("updates.file")}
        hint={t("updates.file.hint")}
        accept=".raucb"
        error={errors.file}
        onChoose={setFile}
      />
      {sent !== undefined && <progress value={sent} max={1} aria-label={t("updates.sending")} />}
      <Button type="submit" busy={sent !== undefined}>
        {t("updates.send")}
      </Button>
    </Form>
  );
}

function Ready({ bundle }: { readonly bundle: UpgradeBundle }) {
  const install = (restart: boolean): void =>
    void ask(api.call("POST /system/upgrade/install", { body: { restart } }));
  return (
    <Told status="info" title={t("updates.ready", { version: bundle.version })}>
      <What bundle={bundle} />
      <p>{t("updates.ready.text")}</p>
      <Actions>
        <Button kind="primary" onClick={() => install(true)}>
          {t("updates.install")}
        </Button>
        <Button onClick={() => install(false)}>{t("updates.later")}</Button>
        <Button kind="quiet" onClick={() => void ask(api.call("DELETE /system/upgrade"))}>
          {t("updates.forget")}
        </Button>
      </Actions>
    </Told>
  );
}

function What({ bundle }: { readonly bundle: UpgradeBundle }) {
  return (
    <Facts
      rows={[
        [t("updates.version"), bundle.version],
        [t("updates.board"), bundle.board],
        bundle.built === undefined ? undefined : [t("updates.built"), bundle.built],
        bundle.notes === undefined ? undefined : [t("updates.notes"), bundle.notes],
      ]}
    />
  );
}

function GoBack() {
  const [asking, setAsking] = useState(false);
  const go = (): void => {
    setAsking(false);
    void ask(api.call("POST /system/upgrade/rollback"));
  };
  return (
    <Actions>
      <Button kind="quiet" onClick={() => setAsking(true)}>
        {t("updates.rollback")}
      </Button>
      {asking && (
        <Confirm
          title={t("updates.rollback.ask")}
          go={t("updates.rollback")}
          onGo={go}
          onClose={() => setAsking(false)}
        >
          <p>{t("updates.rollback.text")}</p>
        </Confirm>
      )}
    </Actions>
  );
}

/** The state in words, read out when it changes. */
function Told(props: {
  readonly status: "ok" | "info" | "working" | "fault";
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="stack">
      <p aria-live="polite">
        <StatusWord status={props.status}>{props.title}</StatusWord>
      </p>
      {props.children}
    </div>
  );
}

function Actions({ children }: { readonly children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}

async function ask(asked: Promise<Answer<unknown>>): Promise<void> {
  const answer = await asked;
  if (!answer.ok) toast(say(answer.problem.text), { status: "fault" });
}
