import { join } from "node:path";
import type { AttachedLab } from "./attached.ts";
import { heartbeatPort } from "./frame-rules.ts";

/** Packets in a queue of the kernel's wait between so many milliseconds, at random: so they overtake each other. */
export type Delay = { readonly queue: number; readonly leastMs: number; readonly mostMs: number };

const queue = 7;
const script = join(import.meta.dirname, "delay-packets.ts");
const programOf = (node: string): string => `delay-${node}`;

/** Makes heartbeats reach a node late, and in another order than they were sent in. @throws {Error} with what iptables says */
export async function delayHeartbeats(lab: AttachedLab, node: string, leastMs: number, mostMs: number): Promise<void> {
  const order: Delay = { queue, leastMs, mostMs };
  await lab.start(programOf(node), node, [process.execPath, script, JSON.stringify(order)]);
  await rules(lab, node, "-I");
}

/** Lets them through at once again; those that wait are lost. */
export async function stopDelaying(lab: AttachedLab, node: string): Promise<void> {
  await rules(lab, node, "-D");
  await lab.kill(programOf(node), "SIGKILL");
}

/** Without a program that takes from the queue they pass at once. */
async function rules(lab: AttachedLab, node: string, change: "-I" | "-D"): Promise<void> {
  const match = ["-i", "eth0", "-p", "udp", "--dport", String(heartbeatPort)];
  for (const program of ["iptables", "ip6tables"]) {
    const argv = [program, change, "INPUT", ...match, "-j", "NFQUEUE", "--queue-num", String(queue), "--queue-bypass"];
    const { code, stderr } = await lab.exec(node, argv);
    if (code !== 0) throw new Error(`${argv.join(" ")} on ${node}: exit code ${code}: ${stderr.trim()}`);
  }
}
