import { session } from "../box/session.ts";
import { askStepUp } from "../shell/step-up.tsx";

/** Keeps a text as a file on the device of the person. */
export function saveFile(name: string, text: string, type = "application/json"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  follow(url, name);
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Keeps what the box answers as a file, once the person has proved who they are. */
export async function saveFromBox(path: string, name: string): Promise<void> {
  const now = session.value;
  const until = now === undefined || now === "none" ? 0 : (now.stepUpUntil ?? 0);
  if (until < Date.now() + 5_000 && !(await askStepUp())) return;
  follow(`/api/v1${path}`, name);
}

/** "passerelle-20261125-1930": sorts by time, and holds no character that a file name can't. */
export function fileName(what: string, at: number, extension: string): string {
  const [day = "", hour = ""] = new Date(at).toISOString().split("T");
  return `passerelle-${what}-${day.replaceAll("-", "")}-${hour.slice(0, 5).replace(":", "")}.${extension}`;
}

function follow(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
