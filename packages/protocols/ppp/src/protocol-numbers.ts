/** PPP protocol numbers (IANA "PPP Numbers"). */
export const PPP_PROTOCOL = {
  IPV4: 0x0021,
  IPV6: 0x0057,
  IPCP: 0x8021,
  IPV6CP: 0x8057,
  LCP: 0xc021,
  PAP: 0xc023,
  CHAP: 0xc223,
} as const;
