/**
 * Runs daemons in the foreground for as long as its input is open, and ends them with it. The arguments are commands, one each,
 * the first of which may be watched: `--watch` before it says that the lines which it prints are to be passed on. A daemon that
 * ends by itself is reported.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function run(command: string, watched: boolean): ChildProcess {
  const child = spawn("setpriv", ["--pdeathsig=KILL", "sh", "-c", `exec ${command}`], {
    stdio: ["ignore", watched ? "pipe" : "ignore", "pipe"],
  });
  if (child.stdout !== null) createInterface(child.stdout).on("line", (text) => print({ kind: "line", text }));
  let complaint = "";
  child.stderr?.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  child.on("exit", (code) => print({ kind: "ended", command, code, complaint }));
  return child;
}

const [first = "", ...rest] = process.argv.slice(2);
const watched = first === "--watch";
const commands = watched ? rest : [first, ...rest];
const children = commands.map((command) => run(command, watched));
print({ kind: "started" });
process.stdin.on("end", () => {
  for (const child of children) child.kill("SIGKILL");
  process.exit(0);
});
process.stdin.resume();
