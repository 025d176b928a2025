import { useState } from "preact/hooks";
import { api } from "../../box/api.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Form, type FormErrors } from "../../components/form.tsx";
import { Card } from "../../components/tile.tsx";
import { toast } from "../../components/toast.tsx";
import { say, t } from "../../words/index.ts";

const LENGTH_MIN = 10;
const EMPTY = { current: "", next: "", again: "" };

/** A new password, behind a button: most never need one. */
export function PasswordChange() {
  const [open, setOpen] = useState(false);
  return (
    <Card title={t("password.title")}>
      <div class="stack">
        <p>{t("password.text")}</p>
        {open ? (
          <Fields onDone={() => setOpen(false)} />
        ) : (
          <div class="actions">
            <Button onClick={() => setOpen(true)}>{t("password.change")}</Button>
          </div>
        )}
      </div>
    </Card>
  );
}

function Fields({ onDone }: { readonly onDone: () => void }) {
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<typeof EMPTY>): void => setForm((now) => ({ ...now, ...change }));
  const submit = async (): Promise<void> => {
    const wrong = errorsOf(form);
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    const answer = await api.call("PUT /password", {
      body: { current: form.current, next: form.next },
    });
    setBusy(false);
    if (answer.ok) {
      toast(t("password.done"));
      return onDone();
    }
    const { code, text, next } = answer.problem;
    const words = next === undefined ? say(text) : `${say(text)} ${say(next)}`;
    setErrors(code === "weak_password" ? { next: words } : { current: words });
  };
  return (
    <Form onSubmit={() => void submit()} errors={errors} takesFocus>
      {/* Password managers want a name to keep it under. */}
      <input type="text" name="username" value="admin" autocomplete="username" hidden readOnly />
      <Field
        name="current"
        type="password"
        label={t("password.current")}
        autocomplete="current-password"
        maxLength={128}
        value={form.current}
        error={errors.current}
        onInput={(current) => set({ current })}
      />
      <Field
        name="next"
        type="password"
        label={t("password.next")}
        hint={t("password.next.hint")}
        autocomplete="new-password"
        maxLength={128}
        value={form.next}
        error={errors.next}
        onInput={(next) => set({ next })}
      />
      <Field
        name="again"
        type="password"
        label={t("password.again")}
        autocomplete="new-password"
        maxLength={128}
        value={form.again}
        error={errors.again}
        onInput={(again) => set({ again })}
      />
      <div class="actions">
        <Button type="submit" kind="primary" busy={busy}>
          {t("password.go")}
        </Button>
        <Button onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </Form>
  );
}

function errorsOf(form: typeof EMPTY): FormErrors {
  return {
    ...(form.current === "" ? { current: t("form.required") } : {}),
    ...(form.next.length < LENGTH_MIN ? { next: t("password.short") } : {}),
    ...(form.next !== form.again ? { again: t("password.differs") } : {}),
  };
}
