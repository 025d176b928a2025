/** What the forwarder counts since its start; names as on the bus. */
export interface DnsCounters {
  queriesUdp: number;
  queriesTcp: number;
  cacheHits: number;
  cacheMisses: number;
  local: number;
  blocked: number;
  refused: number;
  malformed: number;
  /** Answers past their time, given because nobody outside answered. */
  stale: number;
  servfail: number;
  /** Questions that joined one already under way. */
  coalesced: number;
  /** Questions not taken because a limit was reached. */
  overLimit: number;
  upstreamQueries: number;
  upstreamLate: number;
  upstreamFailures: number;
  /** Answers whose case differed from what was asked. */
  caseMismatches: number;
  /** Answers out of which addresses inside were taken. */
  rebindingStripped: number;
  tcpRefused: number;
  /** A datagram or message whose handling threw: a fault of ours that must not stop the service. */
  internalErrors: number;
}

export function newDnsCounters(): DnsCounters {
  return {
    queriesUdp: 0,
    queriesTcp: 0,
    cacheHits: 0,
    cacheMisses: 0,
    local: 0,
    blocked: 0,
    refused: 0,
    malformed: 0,
    stale: 0,
    servfail: 0,
    coalesced: 0,
    overLimit: 0,
    upstreamQueries: 0,
    upstreamLate: 0,
    upstreamFailures: 0,
    caseMismatches: 0,
    rebindingStripped: 0,
    tcpRefused: 0,
    internalErrors: 0,
  };
}
