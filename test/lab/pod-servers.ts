import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EchoConfig } from "./echo-server.ts";
import { type LabNode, podAddresses } from "./layout.ts";
import { addPodNetwork, inHost, podNamespace, removePodNetwork } from "./network.ts";
import { dieWithParent, toolEnvironment } from "./programs.ts";

/** A Pod's server in its own network namespace. */
export type PodServer = { readonly addresses: readonly string[]; stop(): Promise<void> };

/** Gives Pods of all nodes their place and server. */
export type PodServers = { open(node: LabNode, config: EchoConfig): Promise<PodServer> };

const lastSlot = 254;

/** @throws {Error} from `open` if the node has no address left, or the server ends before it listens */
export function podServers(): PodServers {
  const taken = new Set<string>();
  return {
    open: async (node, config) => {
      const slot = freeSlot(node, taken);
      const namespace = podNamespace(node, slot);
      taken.add(namespace);
      await addPodNetwork(node, slot);
      const server = await startServer(namespace, config);
      const { ip4, ip6 } = podAddresses(node, slot);
      return {
        addresses: [ip4, ip6],
        stop: async () => {
          server.kill("SIGKILL");
          await removePodNetwork(node, slot);
          taken.delete(namespace);
        },
      };
    },
  };
}

function freeSlot(node: LabNode, taken: ReadonlySet<string>): number {
  for (let slot = 2; slot <= lastSlot; slot += 1) {
    if (!taken.has(podNamespace(node, slot))) return slot;
  }
  throw new Error(`place a pod on ${node.name}: no address left`);
}

async function startServer(namespace: string, config: EchoConfig): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "echo-server.ts");
  const argv = [...dieWithParent, ...inHost(namespace, [process.execPath, script, JSON.stringify(config)])];
  const server = spawn(argv[0] ?? "", argv.slice(1), { env: toolEnvironment(), stdio: ["ignore", "pipe", "inherit"] });
  const listening = server.stdout === null ? Promise.reject(new Error("no output")) : once(server.stdout, "data");
  const ended = once(server, "exit").then(([code]) => {
    throw new Error(`echo server of ${config.pod}: ended with ${String(code)} before it listened`);
  });
  await Promise.race([listening, ended]);
  ended.catch(() => undefined);
  return server;
}
