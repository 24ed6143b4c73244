/** Classic BPF (linux/filter.h, linux/bpf_common.h): the programs that the kernel runs over what a socket is to receive. */

/** `code`, where to go on if a jump's test holds and if not (instructions to skip), operand. */
export type BpfInstruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** Operations; loads are from an absolute offset, big endian, and one beyond the packet refuses it. */
export const bpf = { loadByte: 0x30, loadHalf: 0x28, loadWord: 0x20, jumpEqual: 0x15, return: 0x06 } as const;

/** SKF_NET_OFF: added to an offset, it counts from the network header, whatever the socket's kind. */
export const NETWORK_HEADER = 0xfff00000;

/** What a program returns to let all of a packet through; 0 refuses it. */
export const WHOLE_PACKET = 0x40000;

/** The bytes of a program: 8 an instruction. */
export function assembleBpf(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, [code, jumpTrue, jumpFalse, operand]] of program.entries()) {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, jumpTrue);
    view.setUint8(i * 8 + 3, jumpFalse);
    view.setUint32(i * 8 + 4, operand, true);
  }
  return bytes;
}
