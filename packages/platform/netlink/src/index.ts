export type {
  Attribute,
  Family,
  InterfaceAddress,
  IpAddress,
  Link,
  Neighbour,
  OperState,
  Prefix,
  Route,
  Rule,
} from "@passerelle/netlink-codec";
export * from "./fake.ts";
export * from "./linux.ts";
export * from "./port.ts";
export { vlanOf } from "./vlan.ts";
