/** One instruction of classic BPF, as in struct sock_filter. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** ARP frames only. */
export function arpFilter(): readonly BpfInstruction[] {
  return [loadHalf(12), jumpEqual(0x0806, 0, 1), accept(), reject()];
}

/** Untagged IPv4 UDP to one port; of a fragmented datagram the first piece never, since it cannot be read alone. */
export function udpPortFilter(port: number): readonly BpfInstruction[] {
  return [
    loadHalf(12),
    jumpEqual(0x0800, 0, 8),
    loadByte(23),
    jumpEqual(17, 0, 6),
    loadHalf(20),
    // More fragments, or an offset: RFC 791 section 3.1.
    { code: JMP_JSET_K, jt: 4, jf: 0, k: 0x3fff },
    { code: LDX_MSH, jt: 0, jf: 0, k: 14 },
    { code: LD_H_IND, jt: 0, jf: 0, k: 16 },
    jumpEqual(port, 0, 1),
    accept(),
    reject(),
  ];
}

/** The octets the kernel takes: host byte order, which is little-endian on every machine of ours. */
export function encodeFilter(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, instruction] of program.entries()) {
    view.setUint16(i * 8, instruction.code, true);
    bytes[i * 8 + 2] = instruction.jt;
    bytes[i * 8 + 3] = instruction.jf;
    view.setUint32(i * 8 + 4, instruction.k, true);
  }
  return bytes;
}

/**
 * What the kernel would keep of a frame, 0 for nothing. Knows the instructions that this file makes;
 * any other throws, so that a test cannot pass on a filter that was not understood.
 */
export function runFilter(program: readonly BpfInstruction[], frame: Uint8Array): number {
  const octet = (at: number): number => frame[at] ?? Number.NaN;
  let a = 0;
  let x = 0;
  // Jumps only go forward, so the loop ends.
  for (let at = 0; at < program.length; at += 1) {
    const op = program[at];
    if (op === undefined) break;
    if (op.code === RET_K) return op.k;
    if (op.code === JMP_JEQ_K) at += a === op.k ? op.jt : op.jf;
    else if (op.code === JMP_JSET_K) at += (a & op.k) !== 0 ? op.jt : op.jf;
    else if (op.code === LD_B_ABS) a = octet(op.k);
    else if (op.code === LD_H_ABS) a = octet(op.k) * 256 + octet(op.k + 1);
    else if (op.code === LD_H_IND) a = octet(x + op.k) * 256 + octet(x + op.k + 1);
    else if (op.code === LDX_MSH) x = (octet(op.k) & 0x0f) * 4;
    else throw new Error(`unknown BPF instruction ${op.code}`);
    // A load outside the frame ends the program with nothing, as in the kernel.
    if (Number.isNaN(a)) return 0;
  }
  return 0;
}

const LD_H_ABS = 0x28;
const LD_B_ABS = 0x30;
const LD_H_IND = 0x48;
const LDX_MSH = 0xb1;
const JMP_JEQ_K = 0x15;
const JMP_JSET_K = 0x45;
const RET_K = 0x06;
const WHOLE_FRAME = 0x40000;

function loadHalf(k: number): BpfInstruction {
  return { code: LD_H_ABS, jt: 0, jf: 0, k };
}

function loadByte(k: number): BpfInstruction {
  return { code: LD_B_ABS, jt: 0, jf: 0, k };
}

function jumpEqual(k: number, jt: number, jf: number): BpfInstruction {
  return { code: JMP_JEQ_K, jt, jf, k };
}

function accept(): BpfInstruction {
  return { code: RET_K, jt: 0, jf: 0, k: WHOLE_FRAME };
}

function reject(): BpfInstruction {
  return { code: RET_K, jt: 0, jf: 0, k: 0 };
}
