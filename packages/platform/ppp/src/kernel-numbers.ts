// linux/if_pppox.h, linux/ppp-ioctl.h, linux/ppp_defs.h and linux/sockios.h. The numbers of requests hold their
// direction and size, and are the same on x64 and arm64.
export const AF_PPPOX = 24;
export const SOCK_STREAM = 1;
export const SOCK_SEQPACKET = 5;
export const PX_PROTO_OE = 0;
/** Family 2, protocol 4, session 2, peer 6, interface 16: packed. */
export const SOCKADDR_PPPOX_BYTES = 30;

export const PPPIOCGCHAN = 0x80047437;
export const PPPIOCATTCHAN = 0x40047438;
export const PPPIOCCONNECT = 0x4004743a;
export const PPPIOCNEWUNIT = 0xc004743e;
export const PPPIOCSNPMODE = 0x4008744b;
export const PPPIOCSMRU = 0x40047452;
export const NPMODE_PASS = 0;
export const NPMODE_DROP = 1;

export const SIOCSIFMTU = 0x8922;
export const SIOCSIFNAME = 0x8923;
/** struct ifreq is shorter; the addon wants room for the largest argument that a request of this age copies. */
export const IFREQ_BYTES = 128;
/** Octets of an interface's name, with the zero at its end. */
export const IFNAMSIZ = 16;
