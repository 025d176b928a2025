import { type Problem, statusOf } from "@passerelle/api";
import type { Fault } from "@passerelle/result";

/** RFC 9457: the fault as a program reads it. What the system said is not for everybody. */
export function problemOf(fault: Fault, retryAfter?: number): Problem {
  return {
    type: "about:blank",
    title: fault.code,
    status: statusOf(fault.code),
    code: fault.code,
    text: { ...fault.text },
    ...(fault.next === undefined ? {} : { next: { ...fault.next } }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
