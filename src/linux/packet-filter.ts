/** Classic BPF programs (linux/filter.h) for packet sockets that see whole Ethernet frames. */

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const LOAD_HALF = 0x28;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PKTTYPE: whom the kernel thinks the frame is for. */
const PACKET_TYPE = 0xfffff004;
/** SKF_AD_OFF + SKF_AD_IFINDEX: the interface that the frame is on, after its VLAN tag was taken off. */
const INTERFACE_INDEX = 0xfffff008;
/** For another station, which a promiscuous device or a VLAN that is not ours brings in. */
const PACKET_OTHERHOST = 3;
const WHOLE_FRAME = 0x40000;

/** ARP requests and replies (operation in bytes 20 and 21) that are for this machine. */
export const arpFilter: Uint8Array = assemble([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_EQUAL, 4, 0, PACKET_OTHERHOST],
  [LOAD_HALF, 0, 0, 20],
  [JUMP_EQUAL, 1, 0, 1],
  [JUMP_EQUAL, 0, 1, 2],
  [RETURN, 0, 0, WHOLE_FRAME],
  [RETURN, 0, 0, 0],
]);

/** Neighbour solicitations and advertisements (next header in byte 20, ICMPv6 type in byte 54) that are for this machine. */
export const ndpFilter: Uint8Array = assemble([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_EQUAL, 6, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, 20],
  [JUMP_EQUAL, 0, 4, 58],
  [LOAD_BYTE, 0, 0, 54],
  [JUMP_EQUAL, 1, 0, 135],
  [JUMP_EQUAL, 0, 1, 136],
  [RETURN, 0, 0, WHOLE_FRAME],
  [RETURN, 0, 0, 0],
]);

/** Router advertisements (ICMPv6 type 134) that are for this machine. */
export const routerFilter: Uint8Array = assemble([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_EQUAL, 5, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, 20],
  [JUMP_EQUAL, 0, 3, 58],
  [LOAD_BYTE, 0, 0, 54],
  [JUMP_EQUAL, 0, 1, 134],
  [RETURN, 0, 0, WHOLE_FRAME],
  [RETURN, 0, 0, 0],
]);

/**
 * The filter for frames that are on the interface of this index alone. A socket that is bound to an interface is also given
 * the frames of VLANs above it, without their tags: another LAN's, which would be answered and believed on this one.
 */
export function onInterface(index: number, filter: Uint8Array): Uint8Array {
  const check = assemble([
    [LOAD_WORD, 0, 0, INTERFACE_INDEX],
    [JUMP_EQUAL, 1, 0, index],
    [RETURN, 0, 0, 0],
  ]);
  return Uint8Array.of(...check, ...filter);
}

function assemble(program: readonly Instruction[]): Uint8Array {
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
