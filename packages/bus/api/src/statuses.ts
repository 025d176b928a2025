/**
 * The HTTP status of each code that an operation answers. A code that is not here has the status of its kind
 * (`statusOf`); docs/errors.md shows them all.
 */
export const STATUSES: Readonly<Record<string, number>> = {
  malformed_json: 400,
  path_refused: 400,
  not_logged_in: 401,
  not_allowed: 403,
  step_up_required: 403,
  wrong_password: 403,
  wrong_proof: 403,
  wrong_token: 403,
  wrong_origin: 403,
  button_not_pressed: 403,
  foreign_request: 403,
  https_required: 403,
  not_found: 404,
  section_not_ready: 404,
  no_capture_file: 404,
  method_not_allowed: 405,
  upload_cut: 400,
  length_required: 411,
  stale_revision: 412,
  body_too_large: 413,
  bus_too_big: 413,
  import_too_big: 413,
  unsupported_media_type: 415,
  host_not_allowed: 421,
  upgrade_required: 426,
  too_many_attempts: 429,
  too_many_requests: 429,
  too_many_jobs: 429,
  too_many_captures: 429,
  bad_request: 422,
  idempotency_key_reused: 422,
  import_not_json: 422,
  import_wrong_format: 422,
  import_too_new: 422,
  passphrase_needed: 422,
  wrong_passphrase: 422,
  weak_password: 422,
  // Faults of the box; none of them comes from what was sent.
  internal_error: 500,
  bus_bad_reply: 500,
  bus_denied: 500,
  not_ready: 503,
  upgrade_not_ready: 503,
  certificate_not_ready: 503,
  busy: 503,
  bus_away: 503,
  bus_busy: 503,
  bus_closed: 503,
  bus_not_reached: 503,
  bus_timeout: 503,
  store_io: 503,
  too_many_clients: 503,
  not_saved: 507,
  store_full: 507,
  upload_no_room: 507,
};

/** What an owner refused for a reason of its own is a conflict with the state of the box. */
export function statusOf(code: string): number {
  const known = Object.hasOwn(STATUSES, code) ? STATUSES[code] : undefined;
  if (known !== undefined) return known;
  if (code.startsWith("unknown_")) return 404;
  return code.endsWith("_invalid") ? 422 : 409;
}
