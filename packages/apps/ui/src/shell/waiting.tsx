import type { ChannelName } from "@passerelle/api";
import { channelRefusal } from "../box/live.ts";
import { Notice } from "../components/notice.tsx";
import { StatusWord } from "../components/status-word.tsx";
import { t } from "../words/index.ts";

/** Stands where a channel's value will be: that it is awaited, or that the box refuses it. */
export function Waiting({
  channel,
  text,
}: {
  readonly channel: ChannelName;
  readonly text?: string;
}) {
  const code = channelRefusal(channel);
  if (code !== undefined) return <Notice status="warning">{t("app.refused", { code })}</Notice>;
  return <StatusWord status="working">{text ?? t("app.loading")}</StatusWord>;
}
