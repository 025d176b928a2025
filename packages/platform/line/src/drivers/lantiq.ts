import { type Processes, textOf } from "@passerelle/process";
import type { DecodeError, Result } from "@passerelle/result";
import { decodeUbusMetrics, decodeUbusStatistics } from "@passerelle/xdsl";
import { askingDriver } from "../driver.ts";
import { type LineFailure, lineFailure, notUnderstood } from "../line-error.ts";
import type { LineDriver, LineError } from "../port.ts";

/** Lantiq's control daemon on this machine. It has no method that trains the line anew. */
export function openLantiq(processes: Processes, patienceMs: number): LineDriver {
  const ask = async <T>(
    method: string,
    decode: (text: string) => Result<T, DecodeError>,
  ): Promise<Result<T, LineError>> => {
    const ran = await processes.run({
      argv: ["ubus", "call", "dsl", method],
      limitMs: patienceMs,
    });
    if (!ran.ok) return failureOf(ran.error);
    const { code, stdout, stderr } = ran.value;
    if (code !== 0) return refusalOf(code, textOf(stderr).trim());
    const decoded = decode(textOf(stdout));
    return decoded.ok ? decoded : notUnderstood(`ubus call dsl ${method}`, decoded.error);
  };
  return askingDriver({
    snapshot: () => ask("metrics", decodeUbusMetrics),
    spectrum: () => ask("statistics", decodeUbusStatistics),
  });
}

function failureOf({ code, text }: { readonly code: string; readonly text: string }): LineFailure {
  return lineFailure(code === "output_limit" ? "not_understood" : "unreachable", text);
}

/** `ubus` ends with the number of what went wrong (enum ubus_msg_status of libubus). */
function refusalOf(code: number | undefined, text: string): LineFailure {
  const isMissing = code === METHOD_NOT_FOUND || code === NOT_SUPPORTED;
  if (code === PERMISSION_DENIED) return lineFailure("login_refused", text);
  return lineFailure(isMissing ? "unsupported" : "unreachable", `ubus ended with ${code}: ${text}`);
}

const METHOD_NOT_FOUND = 3;
const PERMISSION_DENIED = 6;
const NOT_SUPPORTED = 8;
