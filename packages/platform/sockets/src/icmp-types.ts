/** What a socket hears that asks for nothing else: echo reply, unreachable, (too big,) time exceeded, parameter problem. */
export const HEARD_TYPES: Readonly<Record<4 | 6, readonly number[]>> = {
  // RFC 792.
  4: [0, 3, 11, 12],
  // RFC 4443.
  6: [1, 2, 3, 4, 129],
};
