/** As much of the sections of `firewall` and `lan` as devices and openings are made of. */
export interface HomeSections {
  readonly firewall: {
    readonly forwards: readonly Forward[];
    readonly blocked: readonly string[];
  };
  readonly lan: {
    readonly networks: readonly { readonly name: string; readonly address: string }[];
    readonly reservations: readonly Reservation[];
  };
}

export interface Forward {
  readonly id: string;
  readonly name?: string | undefined;
  readonly enabled: boolean;
  readonly protocol: "tcp" | "udp" | "both";
  readonly port: number;
  readonly portLast?: number | undefined;
  readonly to: string;
  readonly toPort?: number | undefined;
  readonly source?: string | undefined;
}

export interface Reservation {
  readonly address: string;
  /** Absent where it is kept for a client identifier. */
  readonly mac?: string | undefined;
}
