import type { Problem } from "@passerelle/api";
import { answerOf } from "@passerelle/api/client";
import { type Answer, answeredOrAsked, unreachableAnswer } from "./api.ts";

/**
 * Sends a file as it is. Asked for a proof first, with an empty body: a browser that is refused while it sends a large
 * file may never read why.
 * @param progress share that left this device, 0 to 1
 */
export async function uploadFile(
  path: string,
  file: File,
  progress: (share: number) => void,
): Promise<Answer<unknown>> {
  const asked = await answeredOrAsked({ method: "POST", path, headers: HEADERS });
  const answer = answerOf(asked);
  if (!answer.ok && !isReady(answer.problem)) return answer;
  return answerOf(await send(path, file, progress));
}

/** An empty file is refused for its size: everything before that is right. */
function isReady({ code }: Problem): boolean {
  return code === "length_required";
}

function send(
  path: string,
  file: File,
  progress: (share: number) => void,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(HEADERS)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => resolve(unreachableAnswer);
    request.send(file);
  });
}

const HEADERS = { "content-type": "application/octet-stream", "x-passerelle": "1" };
