import { native } from "@passerelle/native";
import { attempt } from "./attempt.ts";
import { openLinuxDatagram } from "./linux-datagram.ts";
import { openLinuxIcmp } from "./linux-icmp.ts";
import { openLinuxPacket } from "./linux-packet.ts";
import type { Sockets } from "./port.ts";
import { AF_UNIX, unixSockaddr } from "./socket-address.ts";

/** The sockets of this machine, in the network namespace of the calling thread. */
export function createLinuxSockets(): Sockets {
  return {
    openDatagram: (options) => attempt(() => openLinuxDatagram(options)),
    openPacket: (options) => attempt(() => openLinuxPacket(options)),
    openIcmp: (options) => attempt(() => openLinuxIcmp(options)),
    notify: (path, text) =>
      attempt(() => {
        const socket = native().open(AF_UNIX, SOCK_DGRAM, 0);
        try {
          native().send(socket, new TextEncoder().encode(text), unixSockaddr(path));
        } finally {
          native().close(socket);
        }
      }),
  };
}

const SOCK_DGRAM = 2;
