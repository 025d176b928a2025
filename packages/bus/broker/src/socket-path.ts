import type { ClientName } from "@passerelle/contract";

/** Where a client finds its broker's socket. The socket is the identity: who can open it is that client. */
export function busSocketPath(runtimeDirectory: string, client: ClientName): string {
  return `${runtimeDirectory}/bus/${client}.sock`;
}

/**
 * On a board mosquitto has a user of its own, and each client a directory (setgid, its own group) that no other client
 * enters: the socket in it gets that group.
 */
export function boardSocketPath(runtimeDirectory: string, client: ClientName): string {
  return `${runtimeDirectory}/bus/${client}/${client}.sock`;
}
