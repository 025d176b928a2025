import { isRecord, type JsonRecord, listOf, recordOf, textOf } from "./json-value.ts";
import { formatAddress, isInside, moveInto, type Network, networkOf } from "./networks.ts";

/** A network of the home as its form stands. */
export interface NetworkForm {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: string;
  readonly dhcp: boolean;
  readonly first: string;
  readonly last: string;
  readonly leaseSeconds: string;
}

export type NetworkField = "address" | "first" | "last";

/** The networks of a lan section. */
export function networkForms(lan: unknown): readonly NetworkForm[] {
  return listOf(recordOf(lan).networks).flatMap((network) => {
    if (!isRecord(network)) return [];
    const [address, length] = (textOf(network.address) ?? "").split("/");
    const name = textOf(network.name);
    if (name === undefined || address === undefined || length === undefined) return [];
    const dhcp = recordOf(network.dhcp);
    return [
      {
        name,
        address,
        prefixLength: length,
        dhcp: dhcp.enabled === true,
        first: textOf(dhcp.first) ?? "",
        last: textOf(dhcp.last) ?? "",
        leaseSeconds: String(dhcp.leaseSeconds ?? ""),
      },
    ];
  });
}

export function networkErrors(form: NetworkForm): readonly NetworkField[] {
  const network = networkOfForm(form);
  if (network === undefined || !isPrivate(network)) return ["address"];
  if (!form.dhcp) return [];
  const wrong: NetworkField[] = [];
  if (!isInside(network, form.first)) wrong.push("first");
  if (!isInside(network, form.last)) wrong.push("last");
  const order =
    (networkOf(form.last, 32)?.address ?? 0) - (networkOf(form.first, 32)?.address ?? 0);
  if (wrong.length === 0 && order < 0) wrong.push("last");
  return wrong;
}

/** The form with another address; the pool goes along as long as nobody typed another. */
export function withAddress(
  form: NetworkForm,
  change: Partial<Pick<NetworkForm, "address" | "prefixLength">>,
  stored: NetworkForm,
): NetworkForm {
  const next = { ...form, ...change };
  const [from, to] = [networkOfForm(stored), networkOfForm(next)];
  if (from === undefined || to === undefined) return next;
  const first = moveInto(from, to, stored.first);
  const last = moveInto(from, to, stored.last);
  if (first === undefined || last === undefined) return next;
  return { ...next, first, last };
}

/** The merge patch of the lan section; addresses that are kept for devices move with their network. */
export function networkPatch(form: NetworkForm, lan: unknown): JsonRecord {
  const section = recordOf(lan);
  const stored = networkForms(lan).find(({ name }) => name === form.name);
  const networks = listOf(section.networks).map((network) =>
    recordOf(network).name === form.name ? changed(recordOf(network), form) : network,
  );
  const [from, to] = [stored && networkOfForm(stored), networkOfForm(form)];
  const hasMoved = from !== undefined && to !== undefined && from.address !== to.address;
  if (!hasMoved) return { networks };
  const reservations = listOf(section.reservations).map((one) => moved(recordOf(one), from, to));
  return { networks, ...(reservations.length === 0 ? {} : { reservations }) };
}

function changed(network: JsonRecord, form: NetworkForm): JsonRecord {
  const { dhcp, first, last, leaseSeconds, address, prefixLength } = form;
  return {
    ...network,
    address: `${address.trim()}/${prefixLength}`,
    dhcp: {
      ...recordOf(network.dhcp),
      enabled: dhcp,
      first: first.trim(),
      last: last.trim(),
      leaseSeconds: Number(leaseSeconds),
    },
  };
}

function moved(reservation: JsonRecord, from: Network, to: Network): JsonRecord {
  const address = textOf(reservation.address) ?? "";
  if (!isInside(from, address)) return reservation;
  return { ...reservation, address: moveInto(from, to, address) ?? address };
}

function networkOfForm(form: NetworkForm): Network | undefined {
  const network = networkOf(form.address, Number(form.prefixLength));
  // The first and the last address of a network are nobody's.
  return network !== undefined && isInside(network, formatAddress(network.address))
    ? network
    : undefined;
}

/** A home is numbered with addresses that nobody on the Internet has. */
function isPrivate({ address }: Network): boolean {
  const [a, b] = [Math.floor(address / 2 ** 24), Math.floor(address / 2 ** 16) % 256];
  if (a === 10) return true;
  if (a === 192) return b === 168;
  if (a === 100) return b >= 64 && b < 128;
  return a === 172 && b >= 16 && b < 32;
}
