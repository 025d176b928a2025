import type { DoorOperation } from "../../src/edge/api/create-api.ts";
import type { Handlers } from "../../src/edge/api/port.ts";
import { AT } from "./world.ts";

const session = {
  id: "s1",
  current: false,
  kind: "person" as const,
  actor: "admin",
  capabilities: [],
  source: "192.168.1.50",
  startedAt: AT,
  lastSeenAt: AT,
  expiresAt: AT,
};
const request = {
  id: "r1",
  name: "app",
  wanted: [],
  source: "192.168.1.50",
  at: AT,
  state: "pending" as const,
};
const app = { id: "a1", name: "app", capabilities: [], createdAt: AT };

/** A door that says yes to whatever gets to it: so a test sees what gets to it. */
export const openDoor: Handlers<DoorOperation> = {
  "GET /welcome": async () => ({
    ok: true,
    data: {
      name: "box",
      firstRunDone: true,
      languages: ["fr", "en"],
      probation: false,
      secure: true,
    },
  }),
  "POST /sessions": async () => ({
    ok: true,
    data: { session },
    headers: { "set-cookie": "sid=1" },
  }),
  "GET /sessions": async () => ({
    ok: true,
    data: { sessions: [session, { ...session, id: "s2" }] },
  }),
  "GET /sessions/current": async () => ({ ok: true, data: { session } }),
  "DELETE /sessions/current": async () => ({ ok: true, data: undefined }),
  "DELETE /sessions/{id}": async () => ({ ok: true, data: undefined }),
  "POST /sessions/current/step-up": async () => ({ ok: true, data: { session } }),
  "PUT /password": async () => ({ ok: true, data: undefined }),
  "GET /apps": async () => ({ ok: true, data: { apps: [app], requests: [request] } }),
  "POST /apps/requests": async () => ({ ok: true, data: { request, secret: "s" } }),
  "GET /apps/requests/{id}": async () => ({ ok: true, data: { state: "pending" } }),
  "POST /apps/requests/{id}/answer": async () => ({ ok: true, data: { app } }),
  "GET /apps/{id}/challenge": async () => ({ ok: true, data: { challenge: "00" } }),
  "PATCH /apps/{id}": async () => ({ ok: true, data: { app } }),
  "DELETE /apps/{id}": async () => ({ ok: true, data: undefined }),
  "GET /certificate": async () => ({ ok: true, data: "-----BEGIN CERTIFICATE-----" }),
  "PUT /first-run": async () => ({ ok: true, data: { revision: 1 } }),
};
