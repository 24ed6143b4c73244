/**
 * A node that runs the speaker: commands come as lines of JSON with addresses as text, and reports go out so, with `at` in
 * milliseconds. Ends, without being forced to, after its input does.
 */
import { createInterface } from "node:readline";
import { type Address, formatAddress, parseAddress } from "../../src/net/address.ts";
import { formatMac } from "../../src/net/mac.ts";
import { startSpeaker } from "../../src/speaker/speaker.ts";

function asText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return formatMac(value);
  const isAddress = typeof value === "object" && value !== null && "family" in value && "value" in value;
  return isAddress ? formatAddress(value as Address) : value;
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line, asText)}\n`);

const speaker = startSpeaker({
  onReport: (report) => print({ at: performance.now(), ...report }),
  onFailure: (error) => print({ kind: "ended", message: `${error.message}: ${error.cause}` }),
});

const input = createInterface(process.stdin);
input.on("line", (line) => {
  const command = JSON.parse(line);
  speaker.send("address" in command ? { ...command, address: parseAddress(command.address) } : command);
});
input.on("close", () => void speaker.close().then(() => print({ kind: "closed" })));
