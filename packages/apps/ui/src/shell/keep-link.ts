import { bareApi } from "../box/api.ts";
import { toast } from "../components/toast.tsx";
import { say, t } from "../words/index.ts";

const MARK = "#keep=";

/** The box at another address, with the right to keep the change. A fragment stays in the browser. */
export function keepLink(address: string, token: string): string {
  const port = location.port === "" ? "" : `:${location.port}`;
  return `${location.protocol}//${address}${port}/${MARK}${encodeURIComponent(token)}`;
}

/** Keeps the change whose token came with the address of the page. */
export async function keepFromLink(): Promise<void> {
  if (!location.hash.startsWith(MARK)) return;
  const token = decodeURIComponent(location.hash.slice(MARK.length));
  history.replaceState(null, "", location.pathname);
  const answer = await bareApi.call("POST /config/confirm", { body: { token } });
  if (answer.ok) toast(t("apply.kept_elsewhere"));
  else toast(say(answer.problem.text), { status: "fault" });
}
