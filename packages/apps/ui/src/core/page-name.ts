/** Has a help text of this name in help/en.ts and help/fr.ts. */
export type PageName =
  | "home"
  | "devices"
  | "device"
  | "internet"
  | "security"
  | "diagnostics"
  | "system"
  | "expert";
