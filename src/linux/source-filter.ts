import { type Address, addressBytes, type Family } from "../net/address.ts";
import { assembleBpf, type BpfInstruction, bpf, NETWORK_HEADER, WHOLE_PACKET } from "./bpf.ts";

/** Where the source address is in IPv4 (RFC 791) and IPv6 (RFC 8200). */
const sourceOffset = { 4: 12, 6: 8 } as const;

/**
 * A program for a socket of one family, TCP or UDP, that lets through only what these stations sent; all else is dropped before
 * anything is answered or queued: a listener is not there for others. Without stations nothing passes.
 */
export function sourceFilter(family: Family, stations: readonly Address[]): Uint8Array {
  const sameFamily = stations.filter((station) => station.family === family);
  return assembleBpf([...sameFamily.flatMap(acceptFrom), [bpf.return, 0, 0, 0]]);
}

/** Lets the packet through if it has this source; else goes on after these instructions. */
function acceptFrom(station: Address): readonly BpfInstruction[] {
  const bytes = addressBytes(station);
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: bytes.length / 4 }, (_, i) => i);
  const tests = words.flatMap((i): readonly BpfInstruction[] => [
    [bpf.loadWord, 0, 0, NETWORK_HEADER + sourceOffset[station.family] + 4 * i],
    [bpf.jumpEqual, 0, 2 * (words.length - i) - 1, view.getUint32(4 * i)],
  ]);
  return [...tests, [bpf.return, 0, 0, WHOLE_PACKET]];
}
