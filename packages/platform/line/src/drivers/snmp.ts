import { SNMP_SUBTREES, snapshotOfSnmp } from "@passerelle/xdsl";
import { askingDriver } from "../driver.ts";
import { notUnderstood } from "../line-error.ts";
import type { LineDriver } from "../port.ts";
import { snmpValues } from "../snmp/values.ts";
import { type SnmpAgent, walk } from "../snmp/walk.ts";

/** A modem with VDSL2-LINE-MIB or ADSL-LINE-MIB. We only read: nothing is set by SNMP. */
export function openSnmp(
  { address, port = PORT, community }: Omit<SnmpAgent, "port"> & { readonly port?: number },
  patienceMs: number,
): LineDriver {
  return askingDriver({
    async snapshot(signal) {
      const rows = await walk({ address, port, community }, SNMP_SUBTREES, patienceMs, signal);
      if (!rows.ok) return rows;
      const line = snapshotOfSnmp(snmpValues(rows.value));
      return line.ok ? line : notUnderstood("the walk", line.error);
    },
  });
}

const PORT = 161;
