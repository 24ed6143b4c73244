/**
 * A node that runs the speaker, for tests of what it puts on lo: each line of its input is a JSON list of all addresses that are to
 * be there, and what the speaker says of them goes out as lines of JSON. Its first argument is the folder of its state; `bare`
 * after it: it begins itself a second time, without any capability. Ends after its input does.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseAddress } from "../../src/net/address.ts";
import { startSpeaker } from "../../src/speaker/speaker.ts";

const withoutRights = "--pdeathsig=KILL --bounding-set=-all --inh-caps=-all --ambient-caps=-all".split(" ");
const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function speak(stateDir: string): void {
  const speaker = startSpeaker({
    settings: { node: "a", stateDir, intervalMs: 100, port: 7474, withoutQuorum: "Keep", leaseDurationMs: 30_000 },
    onReport: (report) => {
      if (report.kind === "bgpTrouble") print(report);
    },
    onFailure: (error) => print({ kind: "ended", message: `${error.message}: ${error.cause}` }),
  });
  const input = createInterface(process.stdin);
  input.on("line", (line) => {
    const addresses = (JSON.parse(line) as readonly string[]).flatMap((text) => parseAddress(text) ?? []);
    speaker.send({ kind: "bgpLo", addresses });
  });
  input.on("close", () => void speaker.close());
  print({ kind: "ready" });
}

const [, script = "", stateDir = "", bare] = process.argv;
if (bare !== "bare") speak(stateDir);
else {
  const again = [...withoutRights, process.execPath, script, stateDir];
  spawn("setpriv", again, { stdio: "inherit" }).on("exit", (code) => process.exit(code ?? 1));
}
