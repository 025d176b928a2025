import { shownNotices } from "./board.ts";
import type { Notice, State } from "./state.ts";

/** What people see, newest first, without what they do not want to be told of. */
export function notificationsView(state: State): readonly Notice[] {
  const { newDevice, internet, configuration, health } = state.config.notifications;
  const wanted = (code: string): boolean => {
    if (code.startsWith("device_joined")) return newDevice;
    if (code === "internet_down") return internet;
    return code.startsWith("change_") ? configuration : health;
  };
  return shownNotices(state).filter(({ code }) => wanted(code));
}
