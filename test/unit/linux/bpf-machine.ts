import { bpf, NETWORK_HEADER } from "../../../src/linux/bpf.ts";

/** A packet as a socket's filter sees it: `data` from where the socket begins to count, `network` from the network header. */
export type FilteredPacket = { readonly data: Uint8Array; readonly network: Uint8Array };

/** Runs a classic BPF program as linux/filter.h says: how many bytes pass. A load beyond the packet ends it with 0. */
export function runBpf(program: Uint8Array, packet: FilteredPacket): number {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [code, operand] = [view.getUint16(at, true), view.getUint32(at + 4, true)];
    if (code === bpf.return) return operand;
    if (code === bpf.jumpEqual) {
      at += 8 * view.getUint8(at + (accumulator === operand ? 2 : 3));
      continue;
    }
    const loaded = load(code, operand, packet);
    if (loaded === undefined) return 0;
    accumulator = loaded;
  }
  throw new Error("the program has no end");
}

const widths = new Map<number, number>([
  [bpf.loadByte, 1],
  [bpf.loadHalf, 2],
  [bpf.loadWord, 4],
]);

function load(code: number, operand: number, { data, network }: FilteredPacket): number | undefined {
  const width = widths.get(code);
  if (width === undefined) throw new Error(`instruction ${code.toString(16)}`);
  const [from, at] = operand >= NETWORK_HEADER ? [network, operand - NETWORK_HEADER] : [data, operand];
  const bytes = from.subarray(at, at + width);
  return bytes.length < width ? undefined : bytes.reduce((value, byte) => value * 256 + byte, 0);
}
