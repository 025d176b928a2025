import type { ClientName } from "@passerelle/contract";

/** Where a client finds its broker's socket. The socket is the identity: who can open it is that client. */
export function busSocketPath(runtimeDirectory: string, client: ClientName): string {
  return `${runtimeDirectory}/bus/${client}.sock`;
}
