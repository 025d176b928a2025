import {
  ETHERTYPE_WAKE_ON_LAN,
  encodeEthernet,
  encodeMagicPacket,
  WAKE_ON_LAN_PORT,
} from "@passerelle/ether";
import {
  broadcastOf,
  isMulticastMac,
  MAC_BROADCAST,
  MAC_ZERO,
  type Mac,
  parseCidr4,
  parseMac,
} from "@passerelle/net";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import { wakeStep } from "../../core/diagnostics/results.ts";
import type { Ended, Report, Tools } from "./tools.ts";

/** A magic packet as a frame and as a datagram, to everybody on the network of the device. */
export async function runWake(
  tools: Tools,
  request: { readonly mac: string },
  report: Report,
): Promise<Ended> {
  const mac = parseMac(request.mac);
  if (mac === undefined || mac === MAC_ZERO || isMulticastMac(mac)) {
    return diagnosticsFault("diagnosis_invalid");
  }
  const network = tools.home.networkOf(mac);
  if (network === undefined) return diagnosticsFault("wake_unknown_device");
  const frame = await sendFrame(tools, network.bridge, mac);
  const datagram = sendDatagram(tools, network.bridge, network.address, mac);
  if (frame !== undefined) report.line({ text: `Ethernet: ${frame}` });
  if (datagram !== undefined) report.line({ text: `UDP: ${datagram}` });
  if (frame !== undefined && datagram !== undefined) return diagnosticsFault("probe_not_possible");
  report.line({ name: network.name, text: `wake ${mac}` });
  report.step(wakeStep(network.name));
  return undefined;
}

/** The errno where it could not be sent. */
async function sendFrame(
  { sockets, interfaces }: Tools,
  bridge: string,
  mac: Mac,
): Promise<string | undefined> {
  // As the device itself, switches of the home would learn it at a wrong port.
  const source = await interfaces.hardwareAddress(bridge);
  if (source === undefined) return "ENODEV";
  // Receives nothing that anybody sends: it is opened to send one frame.
  const opened = sockets.openPacket({ interface: bridge, etherType: ETHERTYPE_WAKE_ON_LAN });
  if (!opened.ok) return opened.error.code;
  const frame = encodeEthernet({
    destination: MAC_BROADCAST,
    source,
    etherType: ETHERTYPE_WAKE_ON_LAN,
    payload: encodeMagicPacket(mac),
  });
  const sent = opened.value.send(frame);
  opened.value.close();
  return sent.ok ? undefined : sent.error.code;
}

function sendDatagram(
  { sockets }: Tools,
  bridge: string,
  address: string,
  mac: Mac,
): string | undefined {
  const cidr = parseCidr4(address);
  const opened = sockets.openDatagram({ family: 4, device: bridge, broadcast: true });
  if (!opened.ok) return opened.error.code;
  const socket = opened.value;
  const sent =
    cidr === undefined
      ? undefined
      : socket.send(encodeMagicPacket(mac), broadcastOf(cidr), WAKE_ON_LAN_PORT);
  socket.close();
  return sent === undefined || sent.ok ? undefined : sent.error.code;
}
