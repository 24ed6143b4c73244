/**
 * A node that runs the speaker: commands come as lines of JSON with addresses and MACs as text, and reports go out so, with
 * `at` in milliseconds. Its first argument is the node's name, the second the folder of its state. Ends, without being forced
 * to, after its input does.
 */
import { createInterface } from "node:readline";
import { type Address, formatAddress, parseAddress } from "../../src/net/address.ts";
import { formatMac, parseMac } from "../../src/net/mac.ts";
import { startSpeaker } from "../../src/speaker/speaker.ts";

function asText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return formatMac(value);
  const isAddress = typeof value === "object" && value !== null && "family" in value && "value" in value;
  return isAddress ? formatAddress(value as Address) : value;
}

function asValue(key: string, value: unknown): unknown {
  if (key === "address" && typeof value === "string") return parseAddress(value);
  return key === "macs" ? (value as readonly string[]).map(parseMac) : value;
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line, asText)}\n`);

const [, , node = "", stateDir = ""] = process.argv;
const speaker = startSpeaker({
  settings: { node, stateDir, intervalMs: 100, port: 7474, withoutQuorum: "Keep", leaseDurationMs: 30_000 },
  onReport: (report) => print({ at: performance.now(), ...report }),
  onFailure: (error) => print({ kind: "ended", message: `${error.message}: ${error.cause}` }),
});

const input = createInterface(process.stdin);
input.on("line", (line) => speaker.send(JSON.parse(line, asValue)));
input.on("close", () => void speaker.close().then(() => print({ kind: "closed" })));
