import type { Capability } from "@passerelle/api";
import { useState } from "preact/hooks";
import { api, type Reply } from "../../box/api.ts";
import { useChannel } from "../../box/live.ts";
import { Button } from "../../components/button.tsx";
import { Checks } from "../../components/checks.tsx";
import { Confirm } from "../../components/dialog.tsx";
import { Name } from "../../components/name.tsx";
import { Notice } from "../../components/notice.tsx";
import { StatusWord } from "../../components/status-word.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { plainName } from "../../core/plain-name.ts";
import { formatAgo } from "../../words/format.ts";
import { say, t } from "../../words/index.ts";
import { formatList } from "../../words/units.ts";

type App = Reply<"GET /apps">["apps"][number];
type Request = Reply<"GET /apps">["requests"][number];

const RIGHTS = [
  "read",
  "devices",
  "wifi",
  "phone",
  "settings",
  "admin",
] as const satisfies readonly Capability[];

/** What is being asked of a person now. */
type Asking =
  | { readonly kind: "approve"; readonly request: Request }
  | { readonly kind: "change"; readonly app: App }
  | { readonly kind: "revoke"; readonly app: App };

/** Programs with rights, and those that ask for some. */
export function Apps() {
  const known = useChannel("apps");
  const [asking, setAsking] = useState<Asking>();
  const waiting = known?.requests.filter(({ state }) => state === "pending") ?? [];
  return (
    <Card title={t("apps.title")}>
      {known === undefined ? (
        <StatusWord status="working">{t("app.loading")}</StatusWord>
      ) : (
        <div class="stack">
          {waiting.map((request) => (
            <Waiting key={request.id} request={request} onAsk={setAsking} />
          ))}
          <p>{known.apps.length === 0 ? t("apps.none") : t("apps.text")}</p>
          {known.apps.length > 0 && (
            <ul class="rows">
              {known.apps.map((app) => (
                <Paired key={app.id} app={app} onAsk={setAsking} />
              ))}
            </ul>
          )}
        </div>
      )}
      {asking !== undefined && <Ask asking={asking} onClose={() => setAsking(undefined)} />}
    </Card>
  );
}

function Waiting(props: { readonly request: Request; readonly onAsk: (asking: Asking) => void }) {
  const { request } = props;
  const refuse = (): void =>
    void settle(
      api.call("POST /apps/requests/{id}/answer", {
        params: { id: request.id },
        body: { capabilities: [] },
      }),
      t("apps.refused"),
    );
  return (
    <Notice status="info">
      <p>
        <strong>
          <bdi>{t("apps.asks", { name: plainName(request.name) })}</bdi>
        </strong>
      </p>
      <p>
        {t("apps.asks.text", {
          source: request.source,
          ago: formatAgo(request.at),
          wanted: rightsText(request.wanted),
        })}
      </p>
      <div class="actions">
        <Button kind="primary" onClick={() => props.onAsk({ kind: "approve", request })}>
          {t("apps.approve")}
        </Button>
        <Button onClick={refuse}>{t("apps.refuse")}</Button>
      </div>
    </Notice>
  );
}

function Paired({ app, onAsk }: { readonly app: App; readonly onAsk: (asking: Asking) => void }) {
  const name = plainName(app.name);
  return (
    <li>
      <span class="row-text">
        <strong>
          <Name>{app.name}</Name>
        </strong>
        <span class="block">
          {t("apps.rights")} {rightsText(app.capabilities)}
        </span>
        <span class="small muted block">
          {t("apps.since")} {formatAgo(app.createdAt)}
          {app.lastSeenAt !== undefined && ` · ${t("apps.seen")} ${formatAgo(app.lastSeenAt)}`}
        </span>
      </span>
      <span class="actions">
        <Button
          label={t("row.action", { action: t("apps.change"), name })}
          onClick={() => onAsk({ kind: "change", app })}
        >
          {t("apps.change")}
        </Button>
        <Button
          kind="danger"
          label={t("row.action", { action: t("apps.revoke"), name })}
          onClick={() => onAsk({ kind: "revoke", app })}
        >
          {t("apps.revoke")}
        </Button>
      </span>
    </li>
  );
}

function Ask({ asking, onClose }: { readonly asking: Asking; readonly onClose: () => void }) {
  if (asking.kind === "revoke") return <Revoke app={asking.app} onClose={onClose} />;
  return <Rights asking={asking} onClose={onClose} />;
}

function Revoke({ app, onClose }: { readonly app: App; readonly onClose: () => void }) {
  const go = async (): Promise<void> => {
    onClose();
    await settle(api.call("DELETE /apps/{id}", { params: { id: app.id } }), t("apps.revoked"));
  };
  return (
    <Confirm
      title={t("apps.revoke.title")}
      go={t("apps.revoke")}
      danger
      onGo={() => void go()}
      onClose={onClose}
    >
      <p>
        <Name>{app.name}</Name>
      </p>
      <p>{t("apps.revoke.text")}</p>
    </Confirm>
  );
}

function Rights(props: {
  readonly asking: Exclude<Asking, { readonly kind: "revoke" }>;
  readonly onClose: () => void;
}) {
  const { asking, onClose } = props;
  const subject = asking.kind === "approve" ? asking.request : asking.app;
  // A new app gets the least; more is a choice, not a default.
  const [chosen, choose] = useState<readonly Capability[]>(
    asking.kind === "approve" ? ["read"] : asking.app.capabilities,
  );
  const wanted = asking.kind === "approve" ? asking.request.wanted : [];
  const go = async (): Promise<void> => {
    onClose();
    const params = { id: subject.id };
    const body = { capabilities: [...chosen] };
    await (asking.kind === "approve"
      ? settle(
          api.call("POST /apps/requests/{id}/answer", { params, body }),
          t("apps.approve.done"),
        )
      : settle(api.call("PATCH /apps/{id}", { params, body }), t("apps.change.done")));
  };
  return (
    <Confirm
      title={t("apps.approve.title", { name: plainName(subject.name) })}
      go={t(asking.kind === "approve" ? "apps.approve.go" : "apps.change.go")}
      onGo={() => void go()}
      onClose={onClose}
    >
      <p>{t("apps.approve.text")}</p>
      <Checks<Capability>
        label={t("apps.rights")}
        chosen={chosen}
        onChange={choose}
        options={RIGHTS.map((value) => ({
          value,
          label: wanted.includes(value)
            ? `${t(`right.${value}`)} (${t("apps.wanted")})`
            : t(`right.${value}`),
          hint: t(`right.${value}.hint`),
        }))}
      />
    </Confirm>
  );
}

function rightsText(rights: readonly Capability[]): string {
  if (rights.length === 0) return t("apps.rights.none");
  return formatList(rights.map((right) => t(`right.${right}`)));
}

async function settle(
  call: Promise<Awaited<ReturnType<typeof api.call>>>,
  done: string,
): Promise<void> {
  const answer = await call;
  if (answer.ok) toast(done);
  else toast(say(answer.problem.text), { status: "fault" });
}
