export * from "./bins/machine.ts";
export * from "./bins/read.ts";
export {
  type Bin,
  type BinsState,
  type CountingBins,
  type EmptyBins,
  type LastLook,
  type Span,
  unavailableSecsOf,
} from "./bins/state.ts";
export * from "./broadcom/info.ts";
export * from "./broadcom/spectrum.ts";
export * from "./cisco/controllers.ts";
export * from "./draytek/more.ts";
export * from "./draytek/showbins.ts";
export { decodeDraytekStatus } from "./draytek/status.ts";
export * from "./lantiq/notify.ts";
export * from "./lantiq/pipe.ts";
export * from "./lantiq/pipe-snapshot.ts";
export * from "./lantiq/pipe-spectrum.ts";
export * from "./lantiq/ubus-metrics.ts";
export * from "./lantiq/ubus-statistics.ts";
export * from "./metanoia/ebm.ts";
export { METANOIA_SNAPSHOT_REGISTERS, METANOIA_SPECTRUM_REGISTERS } from "./metanoia/registers.ts";
export * from "./metanoia/snapshot.ts";
export * from "./metanoia/spectrum.ts";
export * from "./model/inventory.ts";
export * from "./model/line.ts";
export * from "./model/quality.ts";
export * from "./model/spectrum.ts";
export * from "./model/standard.ts";
export * from "./replay/player.ts";
export * from "./replay/recording.ts";
export * from "./replay/simulate.ts";
export * from "./replay/stories.ts";
export * from "./sfp/ddm.ts";
export * from "./sfp/diagnostics.ts";
export * from "./sfp/ethtool.ts";
export * from "./snmp/quirks.ts";
export * from "./snmp/snapshot.ts";
export type { SnmpValues } from "./snmp/values.ts";
export * from "./tr064/soap.ts";
export * from "./tr064/wan-dsl.ts";
