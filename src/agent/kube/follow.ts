import type { NodeObject } from "../../api/node.ts";
import { parseAdvertisement } from "../../api/vip-advertisement.ts";
import { parseGroup } from "../../api/vip-group.ts";
import { ApiClient } from "../../kube/api-client.ts";
import { isNotFound } from "../../kube/api-error.ts";
import type { Connection } from "../../kube/connection.ts";
import { Reflector } from "../../kube/reflector.ts";
import { syncedAll } from "../../kube/refresh.ts";
import type { KubeObject, Live, Resource } from "../../kube/resource.ts";
import { NODES } from "../../kube/resources.ts";
import type { Logger } from "../../runtime/log.ts";
import { createOutageLog } from "../../runtime/outage.ts";
import type { AgentParts } from "../agent-parts.ts";
import { answerCounter, watchProblems } from "../api-answers.ts";
import { bgpCluster, knownPeer } from "../bgp-follow.ts";
import { KnownNodes } from "../bgp-known-node.ts";
import type { BgpCluster } from "../bgp-ports.ts";
import { parsedOf, Running } from "../followed.ts";
import type { AgentOptions } from "../options.ts";
import { storedNode } from "../stored-node.ts";
import { clusterView } from "./cluster-view.ts";
import { electorate, type ParseEndpoint } from "./electorate.ts";
import { keepLease } from "./own-lease.ts";
import { ownNode } from "./own-node.ts";
import { ADVERTISEMENTS, GROUPS, PEERS, readSecret, VIP_NODES } from "./resources.ts";

/** Whom to tell that something has changed, and that the API server gave a decisive answer. */
export type Listener = { readonly onChange: () => void; readonly onAnswer: () => void };

/** The API server as the agent needs it. */
export type Cluster = {
  readonly parts: Pick<AgentParts, "cluster" | "ownNode" | "lease" | "electorate">;
  readonly bgp: BgpCluster;
  /** From now on this one is told. */
  listen(listener: Listener): void;
};

/** What following needs of the process. */
export type Surroundings = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly parseEndpoint: ParseEndpoint;
};

type Wake = { readonly onChange: () => void; readonly onProblem: (error: Error) => void };

/** Follows what the agent plans from, and renews its Lease, until the signal aborts. */
export function followCluster(connection: Connection, options: AgentOptions, around: Surroundings): Cluster {
  const { log, signal } = around;
  let listener: Listener = { onChange: () => {}, onAnswer: () => {} };
  const client = new ApiClient(connection, { onRequest: answerCounter(() => listener.onAnswer()) });
  const outage = createOutageLog(log);
  const wake = { onChange: () => listener.onChange(), onProblem: watchProblems(log, outage) };
  const { advertisements, groups, nodes, bgp } = reflectors(client, options, { ...wake, log });
  const lan = [advertisements, groups, nodes] as const;
  const all = [...lan, bgp.peers, bgp.nodes] as const;
  const running = new Running(all, signal);
  // A first list without objects changes nothing, so it wakes nobody.
  for (const each of [lan, [bgp.peers, bgp.nodes]]) void syncedAll(each, signal).then(wake.onChange, () => {});
  const lease = keepLease(client, options, {
    failed: outage.failed,
    worked: (first) => {
      if (first) running.reopen();
      if (all.every(({ connected }) => connected)) outage.worked();
      wake.onChange();
    },
  });
  return {
    parts: {
      cluster: clusterView({ advertisements, groups }, () => lan.every(({ store }) => store.synced), client),
      ownNode: ownNode(nodes, client, options.node),
      lease,
      electorate: electorate(client, options, around.parseEndpoint),
    },
    bgp: bgpCluster({ ...bgp, node: options.node, isNotFound, readSecret: (name) => readSecret(client, name) }),
    listen: (wanted) => {
      listener = wanted;
    },
  };
}

function reflectors(client: ApiClient, options: AgentOptions, { log, ...wake }: Wake & { readonly log: Logger }) {
  const reflectorOf = <Value, Raw extends KubeObject>(
    resource: Resource<Raw>,
    project: (object: Live<Raw>) => Value,
    fieldSelector?: string,
  ): Reflector<Value, Raw> =>
    new Reflector(client, { ...wake, resource, project, ...(fieldSelector && { fieldSelector }) });
  const onlyOwn = `metadata.name=${options.node}`;
  const knownNodes = new KnownNodes(options.bgpAnnotationPrefix);
  return {
    advertisements: reflectorOf(ADVERTISEMENTS, (object) => parsedOf(parseAdvertisement(object), object, log)),
    groups: reflectorOf(GROUPS, (object) => parsedOf(parseGroup(object), object, log)),
    nodes: reflectorOf(VIP_NODES, storedNode, onlyOwn),
    bgp: {
      peers: reflectorOf(PEERS, (object) => parsedOf(knownPeer(object), object, log)),
      nodes: reflectorOf(NODES, (object) => knownNodes.read(object as NodeObject), onlyOwn),
    },
  };
}
