/** Profiles of the line that this release has; the name of an operator is the same in every language. */
export const OPERATORS: readonly {
  readonly id: string;
  readonly title: string;
  /** The line wants the login and the password of the operator's letter. */
  readonly credentials?: true;
}[] = [
  { id: "orange-fr", title: "Orange (France), fibre", credentials: true },
  { id: "orange-fr-pppoe", title: "Orange (France), ADSL, VDSL", credentials: true },
  { id: "bouygues-fr", title: "Bouygues Telecom (France)" },
  { id: "sfr-fr", title: "SFR (France)" },
  { id: "dt-de", title: "Deutsche Telekom", credentials: true },
  { id: "kpn-nl", title: "KPN" },
  { id: "bt-uk", title: "BT" },
  { id: "movistar-es", title: "Movistar", credentials: true },
  { id: "generic-pppoe", title: "PPPoE", credentials: true },
];

/** Any line that gives an address to whoever asks. */
export const OTHER_OPERATOR = "generic-dhcp";
