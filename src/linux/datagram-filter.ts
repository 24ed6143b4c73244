import { type Address, addressBytes, type Family } from "../net/address.ts";
import { assembleBpf, type BpfInstruction, bpf, NETWORK_HEADER, WHOLE_PACKET } from "./bpf.ts";

/** A station whose datagrams are let in: those from its address that begin with its tag of 8 bytes. */
export type DatagramSource = { readonly address: Address; readonly tag: Uint8Array };

/** A UDP socket's filter begins to count at the UDP header. */
const PAYLOAD = 8;

/** TTL and source address of IPv4 (RFC 791), hop limit and source address of IPv6 (RFC 8200). */
const networkOffset = { 4: { hops: 8, source: 12 }, 6: { hops: 7, source: 8 } } as const;

/** Of a datagram that no router has forwarded (RFC 5082). */
const HOPS_ON_LINK = 255;

/**
 * A program for a UDP socket of one family that lets through only what was sent on this link with a TTL or hop limit of 255 by
 * one of these sources; all else is dropped before it is queued. Without sources nothing passes.
 */
export function datagramFilter(family: Family, sources: readonly DatagramSource[]): Uint8Array {
  const { hops, source } = networkOffset[family];
  const sameFamily = sources.filter(({ address }) => address.family === family);
  return assembleBpf([
    [bpf.loadByte, 0, 0, NETWORK_HEADER + hops],
    [bpf.jumpEqual, 1, 0, HOPS_ON_LINK],
    [bpf.return, 0, 0, 0],
    ...sameFamily.flatMap(({ address, tag }) =>
      acceptIf([...wordsAt(NETWORK_HEADER + source, addressBytes(address)), ...wordsAt(PAYLOAD, tag)]),
    ),
    [bpf.return, 0, 0, 0],
  ]);
}

type Word = { readonly offset: number; readonly value: number };

function wordsAt(offset: number, bytes: Uint8Array): readonly Word[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => ({ offset: offset + 4 * i, value: view.getUint32(4 * i) }));
}

/** Lets the packet through if it has all these words; else goes on after these instructions. */
function acceptIf(words: readonly Word[]): readonly BpfInstruction[] {
  const length = 2 * words.length + 1;
  const tests = words.flatMap(({ offset, value }, i): readonly BpfInstruction[] => [
    [bpf.loadWord, 0, 0, offset],
    [bpf.jumpEqual, 0, length - (2 * i + 2), value],
  ]);
  return [...tests, [bpf.return, 0, 0, WHOLE_PACKET]];
}
