import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeFrame, type EthernetFrame } from "../../../src/linux/ethernet.ts";

/** The Ethernet frame of this name in test/fixtures/PROTOCOL/frames.hex. */
export function fixture(protocol: "arp" | "ndp", name: string): EthernetFrame {
  const lines = readFileSync(join(import.meta.dirname, "../../fixtures", protocol, "frames.hex"), "utf8").split("\n");
  const hex = lines[lines.findIndex((line) => line.startsWith(`# ${name}:`)) + 1] ?? "";
  const frame = decodeFrame(Uint8Array.from(Buffer.from(hex, "hex")));
  if (frame === undefined) throw new Error(`test data: no frame ${name}`);
  return frame;
}
