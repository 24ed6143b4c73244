/** Names and addresses of the lab's hosts; the same in every lab, for each has namespaces of its own. */

/** A host on the LAN; nodes have a second interface `mgmt` to the API server and carry Pods. */
export type Host = {
  readonly name: string;
  readonly mac: string;
  readonly lan4: string;
  readonly lan6: string;
};
export type LabNode = Host & {
  readonly index: number;
  readonly mgmt4: string;
  readonly mgmt6: string;
  readonly pods4: string;
  readonly pods6: string;
};

/** The API server as the nodes see it: on the management network. */
export const apiServerAddress = { advertised: "172.30.0.1", port: 6443 } as const;

export const router: Host = host("router", 1);
export const client: Host = host("client", 100);

/** Nodes are numbered from 1; at most 80, for .100 is the client. */
export function labNode(index: number): LabNode {
  return {
    ...host(`node${index}`, 10 + index),
    index,
    mgmt4: `172.30.0.${10 + index}`,
    mgmt6: `fd30::${10 + index}`,
    pods4: `10.244.${index}.0/24`,
    pods6: `fd24:0:0:${index.toString(16)}::/64`,
  };
}

export function labNodes(count: number): readonly LabNode[] {
  if (!Number.isInteger(count) || count < 0 || count > 80) throw new Error(`lab of ${count} nodes: not 0 to 80`);
  return Array.from({ length: count }, (_, position) => labNode(position + 1));
}

/** A Pod's place: `slot` 2 to 254 on its node, whose side of every Pod's link has slot 1. */
export function podAddresses(node: LabNode, slot: number): { readonly ip4: string; readonly ip6: string } {
  return { ip4: `10.244.${node.index}.${slot}`, ip6: `fd24:0:0:${node.index.toString(16)}::${slot.toString(16)}` };
}

/** The LAN's addresses end in the same digits in both families, so that a capture is easy to read. */
function host(name: string, last: number): Host {
  const mac = `02:00:00:00:50:${last.toString(16).padStart(2, "0")}`;
  return { name, mac, lan4: `192.168.50.${last}`, lan6: `fd50::${last}` };
}
