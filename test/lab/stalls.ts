import { join } from "node:path";
import type { AttachedLab } from "./attached.ts";

/** The thread of an agent that talks to the API server, or the one that answers on the LAN. */
export type StalledThread = "main" | "speaker";

/** A thread stands still for that long of each period; a period of 0: once; 0 ms of 0: no more. */
export type Stall = { readonly thread: StalledThread; readonly forMs: number; readonly everyMs: number };

const script = join(import.meta.dirname, "stall-thread.ts");

/** Makes a thread of a node's agent stand still, through the inspector of its Node. @throws {Error} with what failed */
export async function stallAgent(lab: AttachedLab, node: string, stall: Stall): Promise<void> {
  // Opens the inspector on the node's own loopback; once open it stays so.
  await lab.signal(`agent-${node}`, "SIGUSR1");
  const { code, stderr } = await lab.exec(node, [process.execPath, script, JSON.stringify(stall)]);
  if (code !== 0) throw new Error(`stall ${stall.thread} of ${node}'s agent: ${stderr.trim()}`);
}
