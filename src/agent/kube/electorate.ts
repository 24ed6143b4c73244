import type { ApiClient } from "../../kube/api-client.ts";
import { isConflict } from "../../kube/api-error.ts";
import { type Lease, microTime } from "../../kube/lease.ts";
import type { Live } from "../../kube/resource.ts";
import { LEASES } from "../../kube/resources.ts";
import type { AgentOptions } from "../options.ts";
import type { Electorate, Endpoint } from "../ports.ts";
import { heldLease, WitnessClerk, witnessOf } from "../witness-lease.ts";
import { heartbeatAnnotation, leaseName } from "./own-lease.ts";
import { briefCall } from "./resources.ts";

/** Longer a call on a witness Lease is no help: the votes end before. */
const witnessCall = { retries: 0, timeoutMs: 350 };

/** What the text of a node's annotation says, or undefined if it is none. */
export type ParseEndpoint = (text: string) => Endpoint | undefined;

/** Reads the Leases of other nodes' agents, and reads and writes those of witnesses. */
export function electorate(
  client: ApiClient,
  { namespace, node }: AgentOptions,
  parseEndpoint: ParseEndpoint,
): Electorate {
  const witness = new WitnessClerk<Live<Lease>>(node, {
    read: async (group) =>
      witnessOf(await client.get(LEASES, { namespace, name: `herald-witness-${group}` }, witnessCall)),
    write: async (_, before, holder) => {
      const lease = heldLease(before, holder, microTime(Date.now()));
      try {
        return witnessOf(await client.replace(LEASES, lease as Lease, witnessCall));
      } catch (error) {
        if (isConflict(error)) return undefined;
        throw error;
      }
    },
  });
  return {
    readEndpoint: async (peer) => {
      try {
        const { metadata } = await client.get(LEASES, { namespace, name: leaseName(peer) }, briefCall);
        const text = metadata.annotations?.[heartbeatAnnotation];
        return text === undefined ? undefined : parseEndpoint(text);
      } catch {
        return undefined;
      }
    },
    askWitness: (group, request) => witness.ask(group, request),
  };
}
