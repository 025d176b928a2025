import type { Operation } from "@passerelle/api";

export interface GoodInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One request of each operation that the house answers well. */
export const GOOD: Readonly<Record<Operation, GoodInput>> = {
  "GET /welcome": {},
  "POST /sessions": { body: { kind: "password", password: "secret", transport: "bearer" } },
  "GET /sessions": {},
  "GET /sessions/current": {},
  "DELETE /sessions/current": {},
  "DELETE /sessions/{id}": { params: { id: "s2" } },
  "POST /sessions/current/step-up": { body: { kind: "button" } },
  "PUT /password": { body: { current: "old", next: "a new password" } },
  "GET /apps": {},
  "POST /apps/requests": { body: { name: "app", wanted: ["read"] } },
  "GET /apps/requests/{id}": { params: { id: "r1" } },
  "POST /apps/requests/{id}/answer": { params: { id: "r1" }, body: { capabilities: ["read"] } },
  "GET /apps/{id}/challenge": { params: { id: "a1" } },
  "PATCH /apps/{id}": { params: { id: "a1" }, body: { capabilities: [] } },
  "DELETE /apps/{id}": { params: { id: "a1" } },
  "GET /certificate": {},
  "PUT /first-run": { body: { language: "fr" } },
  "GET /hosts": {},
  "GET /hosts/{id}": { params: { id: "dev-laptop" } },
  "PATCH /hosts/{id}": { params: { id: "dev-laptop" }, body: { name: "Ada" } },
  "DELETE /hosts/{id}": { params: { id: "dev-printer" } },
  "POST /hosts/{id}/wake": { params: { id: "dev-laptop" } },
  "GET /hosts/{id}/traffic": { params: { id: "dev-laptop" } },
  "GET /nat/port-mappings": {},
  "POST /nat/port-mappings": { body: { protocol: "tcp", port: 443, to: "192.168.1.50" } },
  "PATCH /nat/port-mappings/{id}": { params: { id: "web" }, body: { enabled: false } },
  "DELETE /nat/port-mappings/{id}": { params: { id: "web" } },
  "GET /firewall": {},
  "GET /lan": {},
  "GET /dhcpv4/leases": {},
  "POST /dns/flush": {},
  "GET /wan": {},
  "GET /wan/history": {},
  "GET /wan/dsl": {},
  "GET /wan/dsl/history": {},
  "GET /wan/dsl/spectrum": {},
  "POST /wan/dsl/resync": {},
  "POST /wan/reconnect": {},
  "GET /config": { query: { revision: "2" } },
  "GET /config/state": {},
  "GET /config/history": { query: { limit: "10" } },
  "POST /config/plan": { body: { changes: [{ section: "wan", patch: { profile: "x" } }] } },
  "POST /config/apply": { body: { changes: [{ section: "wan", patch: { profile: "x" } }] } },
  "POST /config/confirm": { body: { token: "t0" } },
  "POST /config/rollback": { body: {} },
  "POST /config/export": { body: {} },
  "POST /config/import": { body: { document: "{}" } },
  "GET /system": {},
  "GET /system/interfaces": {},
  "GET /system/history": { query: { series: "cpu", resolution: "1s" } },
  "GET /event-log": { query: { category: "line", before: "9", limit: "5" } },
  "GET /notifications": {},
  "DELETE /notifications/{id}": { params: { id: "n1" } },
  "POST /system/reboot": {},
  "POST /system/factory-reset": {},
  "POST /system/support-bundle": {},
  "GET /system/upgrade": {},
  "POST /system/upgrade": {},
  "DELETE /system/upgrade": {},
  "POST /system/upgrade/install": { body: { restart: false } },
  "POST /system/upgrade/rollback": {},
  "POST /diagnostics": { body: { kind: "ping", target: "example.org", count: 1 } },
  "GET /jobs": {},
  "GET /jobs/{id}": { params: { id: "job-1" } },
  "DELETE /jobs/{id}": { params: { id: "job-1" } },
  "GET /jobs/{id}/file": { params: { id: "job-1" } },
  "GET /events": {},
  "GET /events/sse": { query: { channels: "wan" } },
  "GET /openapi.json": {},
};

/** The request as it goes over the wire. */
export function wireOf(
  key: string,
  { params = {}, query = {}, body }: GoodInput,
): { readonly method: string; readonly path: string; readonly body?: string } {
  const [method = "", template = ""] = key.split(" ");
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((params[name] ?? "").toWellFormed()),
  );
  const search = new URLSearchParams(query).toString();
  return {
    method,
    path: search === "" ? path : `${path}?${search}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
