/** What the box's own certificates say: the text that openssl is given. Nothing of a stranger goes in here. */

export interface LeafWish {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * The authority may vouch for names of the home and for private addresses, and for servers alone: whoever steals its
 * key from the box, or tricks somebody into installing it, gains no other site by it (RFC 5280 section 4.2.1.10).
 */
export function authorityConfig(label: string): string {
  return [
    ...head(`Passerelle ${label}`, "x509_extensions = extensions"),
    "[extensions]",
    "basicConstraints = critical,CA:true,pathlen:0",
    "keyUsage = critical,keyCertSign,cRLSign",
    "extendedKeyUsage = serverAuth",
    "subjectKeyIdentifier = hash",
    "nameConstraints = critical,@permitted",
    "[permitted]",
    "permitted;DNS.0 = home.arpa",
    ...PRIVATE.map((range, n) => `permitted;IP.${n} = ${range}`),
    "",
  ].join("\n");
}

/** What is asked for; the extensions are the authority's word, in `leafExtensions`. */
export function requestConfig(): string {
  return [...head(COMMON_NAME), ""].join("\n");
}

export function leafExtensions({ names, addresses }: LeafWish): string {
  const alternatives = [
    ...names.map((name, n) => `DNS.${n} = ${name}`),
    ...addresses.map((address, n) => `IP.${n} = ${address}`),
  ];
  return [
    "[leaf]",
    "basicConstraints = critical,CA:false",
    "keyUsage = critical,digitalSignature",
    "extendedKeyUsage = serverAuth",
    "subjectKeyIdentifier = hash",
    "authorityKeyIdentifier = keyid:always",
    "subjectAltName = @alternatives",
    "[alternatives]",
    ...alternatives,
    "",
  ].join("\n");
}

/** Ours are made of letters, digits, dots and dashes: nothing else gets near a configuration of openssl. */
export function isCertifiable(text: string): boolean {
  return /^[a-z0-9.-]{1,253}$/.test(text);
}

/** In one of the ranges that the authority may vouch for. */
export function isPrivateAddress(address: string): boolean {
  return /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|127)\./.test(
    address,
  );
}

/** RFC 1918, shared, link-local and loopback: an address that is somebody else's on the Internet is in none. */
const PRIVATE: readonly string[] = [
  "10.0.0.0/255.0.0.0",
  "172.16.0.0/255.240.0.0",
  "192.168.0.0/255.255.0.0",
  "100.64.0.0/255.192.0.0",
  "169.254.0.0/255.255.0.0",
  "127.0.0.0/255.0.0.0",
];
export const COMMON_NAME = "box.home.arpa";
/** Browsers refuse more than 398 days; a day's leeway for clocks. */
export const LEAF_DAYS = 396;
/** As long as a box lives: people install it once. */
export const AUTHORITY_DAYS = 7300;
/** A leaf is made again when it has less than this left. */
export const RENEW_BEFORE_MS: number = 60 * 86_400_000;

function head(commonName: string, ...more: readonly string[]): readonly string[] {
  return [
    "[req]",
    "prompt = no",
    "string_mask = utf8only",
    "distinguished_name = name",
    ...more,
    "[name]",
    "O = Passerelle",
    `CN = ${commonName}`,
  ];
}
