/**
 * A node that runs the speaker without any capability, for tests of BGP: commands come as lines of JSON with addresses as text,
 * and reports go out so. The first argument is the folder of its state, the second the port for peers, 0: none; a third is a
 * capability that it keeps. Ends after its input does. It begins itself a second time, when its rights are gone.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Address, formatAddress, parseAddress } from "../../src/net/address.ts";
import { startSpeaker } from "../../src/speaker/speaker.ts";

const withRights = (kept: string): readonly string[] => [
  "--pdeathsig=KILL",
  `--bounding-set=-all${kept === "" ? "" : `,+${kept}`}`,
  "--inh-caps=-all",
  "--ambient-caps=-all",
];

const addressFields = new Set(["address", "peer", "source", "routerId"]);

function asText(_: string, value: unknown): unknown {
  const isAddress = typeof value === "object" && value !== null && "family" in value && "value" in value;
  return isAddress ? formatAddress(value as Address) : value;
}

function asValue(key: string, value: unknown): unknown {
  return addressFields.has(key) && typeof value === "string" ? parseAddress(value) : value;
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line, asText)}\n`);

function speak(stateDir: string, port: number): void {
  const speaker = startSpeaker({
    settings: {
      node: "a",
      stateDir,
      intervalMs: 100,
      port: 7474,
      withoutQuorum: "Keep",
      leaseDurationMs: 30_000,
      ...(port > 0 && { bgpPort: port }),
    },
    onReport: (report) => {
      if (report.kind === "bgpSession") print(report);
    },
    onFailure: (error) => print({ kind: "ended", message: `${error.message}: ${error.cause}` }),
  });
  const input = createInterface(process.stdin);
  input.on("line", (line) => speaker.send(JSON.parse(line, asValue)));
  input.on("close", () => void speaker.close().then(() => print({ kind: "closed" })));
  print({ kind: "ready", capabilities: /^CapEff:\t(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] });
}

const [, script = "", stateDir = "", port = "0", kept = "", bare] = process.argv;
if (bare === "bare") speak(stateDir, Number(port));
else {
  const again = [...withRights(kept), process.execPath, script, stateDir, port, kept, "bare"];
  spawn("setpriv", again, { stdio: "inherit" }).on("exit", (code) => process.exit(code ?? 1));
}
