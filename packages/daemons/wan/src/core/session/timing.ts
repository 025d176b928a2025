import { milliseconds, minutes, seconds } from "@passerelle/time";

/** 1, 2, 4 and 8 s by the default schedule: then the server that offered is asked no more. */
export const REQUEST_TRIES = 4;
/** A remembered address is asked for three times, 7 s by the default schedule, before the search begins. */
export const REBOOT_TRIES = 3;
/** DISCOVERs without an answer until people are told "no answer": 3 s by the default schedule. */
export const SILENCE_AFTER = 3;
/** RFC 2131 section 4.4.5: at least 60 s between the REQUESTs of RENEWING and REBINDING. */
export const RENEW_WAIT_MIN = seconds(60);
/** RFC 2131 section 3.1.5: at least ten seconds after a DECLINE. */
export const CONFLICT_WAIT = seconds(10);
/** RFC 5227 asks for three probes a second or two apart; a home waits behind us, so two probes in 0.3 s. */
export const PROBES = 2;
export const PROBE_GAP = milliseconds(150);
/** A parked line asks again this often: the operator may have been told meanwhile. */
export const PARKED_RETRY = minutes(5);
