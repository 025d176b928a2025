import { createHmac } from "node:crypto";
import type { Capability } from "@passerelle/api";
import { createApiClient } from "@passerelle/api/client";
import { type Admin, must } from "./admin.ts";

/** A program that was paired with these rights, as docs/api.md tells a stranger to: its token. The person must have stepped up. */
export async function pairApp(
  admin: Admin,
  name: string,
  capabilities: readonly Capability[],
): Promise<{ readonly id: string; readonly secret: string; readonly token: string }> {
  const stranger = createApiClient(({ method, path, headers, body }) =>
    admin.asker.ask({ method, path, headers, ...(body === undefined ? {} : { body }) }),
  );
  const wanted = [...capabilities];
  const asked = must(await stranger.call("POST /apps/requests", { body: { name, wanted } }));
  const params = { id: asked.request.id };
  must(
    await admin.api.call("POST /apps/requests/{id}/answer", {
      params,
      body: { capabilities: wanted },
    }),
  );
  const { app: id } = must(await stranger.call("GET /apps/requests/{id}", { params }));
  if (id === undefined) throw new Error("the app was not let in");
  const { challenge } = must(await stranger.call("GET /apps/{id}/challenge", { params: { id } }));
  const proof = createHmac("sha256", asked.secret).update(challenge).digest("hex");
  const body = { kind: "app", app: id, challenge, proof } as const;
  const { token } = must(await stranger.call("POST /sessions", { body }));
  if (token === undefined) throw new Error("an app gets a token");
  return { id, secret: asked.secret, token };
}
