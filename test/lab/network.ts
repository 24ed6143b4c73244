import { client, type Host, type LabNode, podAddresses, router } from "./layout.ts";
import { run } from "./programs.ts";

/** Runs a command in a host's network namespace, with a /sys of its own; `top` is the world's first namespace. */
export function inHost(host: string, argv: readonly string[]): readonly string[] {
  return host === "top" ? argv : ["ip", "netns", "exec", host, ...argv];
}

/**
 * Makes all namespaces, links, addresses and routes: about 0.3 s. Needs a /run/netns of the caller's own and the right to
 * make namespaces. `lan` is the namespace of the LAN's bridge, which has no address: a switch, not a host.
 */
export async function buildNetwork(nodes: readonly LabNode[]): Promise<void> {
  const hosts = [router, client, ...nodes];
  await batch("top", ["link set lo up", ...["lan", ...hosts.map((h) => h.name)].map((name) => `netns add ${name}`)]);
  const forwarding = new Set([router, ...nodes].map((h) => h.name));
  const names = ["top", "lan", ...hosts.map((h) => h.name)];
  await Promise.all(names.map((name) => sysctls(name, forwarding.has(name))));
  await Promise.all([batch("top", managementNetwork(nodes)), batch("lan", lan(hosts))]);
  await Promise.all([
    ...hosts.map((h) => batch(h.name, lanAddresses(h))),
    ...nodes.map((node) => batch(node.name, managementAddresses(node))),
  ]);
  await Promise.all(nodes.map((node) => batch(node.name, routesOfNode(node, nodes))));
}

/** Runs `ip` once for many lines in one namespace. @throws {Error} that tells the failed line */
export async function batch(namespace: string, lines: readonly string[]): Promise<void> {
  const into = namespace === "top" ? [] : ["-n", namespace];
  await run(["ip", ...into, "-batch", "-"], { stdin: `${lines.join("\n")}\n` });
}

/** Before links come up: duplicate address detection would lose the first packets of each IPv6 address for 1 to 2 s. */
export async function sysctls(namespace: string, forwards: boolean): Promise<void> {
  const settings: Record<string, number> = {
    "ipv6/conf/all/accept_dad": 0,
    "ipv6/conf/default/accept_dad": 0,
    ...(forwards
      ? { "ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1, "ipv4/fib_multipath_hash_policy": 1 }
      : undefined),
  };
  const script = Object.entries(settings).map(([name, value]) => `echo ${value} > /proc/sys/net/${name}`);
  await run(inHost(namespace, ["sh", "-ec", script.join("\n")]));
}

function managementNetwork(nodes: readonly LabNode[]): readonly string[] {
  return [
    "link add mgmt0 type bridge mcast_snooping 0",
    "link set mgmt0 up",
    "addr add 172.30.0.1/24 dev mgmt0",
    "addr add fd30::1/64 dev mgmt0 nodad",
    ...nodes.flatMap((node) => [
      `link add ${managementPort(node.name)} type veth peer name mgmt netns ${node.name}`,
      `link set ${managementPort(node.name)} master mgmt0 up`,
      // Pods reach the API server through their node; without these routes no answer comes back.
      `route add ${node.pods4} via ${node.mgmt4}`,
      `route add ${node.pods6} via ${node.mgmt6}`,
    ]),
  ];
}

function lan(hosts: readonly Host[]): readonly string[] {
  return [
    "link set lo up",
    "link add lan0 type bridge mcast_snooping 0",
    "link set lan0 up",
    ...hosts.flatMap(({ name, mac }) => [
      `link add ${lanPort(name)} type veth peer name eth0 address ${mac} netns ${name}`,
      `link set ${lanPort(name)} master lan0 up`,
    ]),
  ];
}

function lanAddresses(host: Host): readonly string[] {
  const gateway = host === router ? [] : [`route add default via ${router.lan4}`, `route add ::/0 via ${router.lan6}`];
  return [
    "link set lo up",
    "link set eth0 up",
    `addr add ${host.lan4}/24 dev eth0`,
    `addr add ${host.lan6}/64 dev eth0 nodad`,
    ...gateway,
  ];
}

function managementAddresses(node: LabNode): readonly string[] {
  return ["link set mgmt up", `addr add ${node.mgmt4}/24 dev mgmt`, `addr add ${node.mgmt6}/64 dev mgmt nodad`];
}

function routesOfNode(node: LabNode, nodes: readonly LabNode[]): readonly string[] {
  return nodes
    .filter((other) => other !== node)
    .flatMap((other) => [`route add ${other.pods4} via ${other.lan4}`, `route add ${other.pods6} via ${other.lan6}`]);
}

/** The switch's end of a host's LAN cable, in namespace `lan`. */
export const lanPort = (host: string): string => `p${host}`;
/** The API server's end of a node's management cable, in namespace `top`. */
export const managementPort = (node: string): string => `m${node}`;

/** The namespace of one Pod, behind its node; the node's end of the link is named after the slot. */
export const podNamespace = (node: LabNode, slot: number): string => `pod-${node.index}-${slot}`;

/** Joins a Pod's new namespace to its node by a link of its own: Pods of a node talk through the node, not beside it. */
export async function addPodNetwork(node: LabNode, slot: number): Promise<void> {
  const namespace = podNamespace(node, slot);
  const { ip4, ip6 } = podAddresses(node, slot);
  const gateway = podAddresses(node, 1);
  await batch("top", [`netns add ${namespace}`]);
  await sysctls(namespace, false);
  await batch(node.name, [
    `link add p${slot} type veth peer name eth0 netns ${namespace}`,
    `link set p${slot} up`,
    `addr add ${gateway.ip4}/32 dev p${slot}`,
    `addr add ${gateway.ip6}/128 dev p${slot} nodad`,
    `route add ${ip4}/32 dev p${slot} src ${gateway.ip4}`,
    `route add ${ip6}/128 dev p${slot} src ${gateway.ip6}`,
  ]);
  await batch(namespace, [
    "link set lo up",
    "link set eth0 up",
    `addr add ${ip4}/32 dev eth0`,
    `addr add ${ip6}/128 dev eth0 nodad`,
    `route add ${gateway.ip4}/32 dev eth0`,
    `route add default via ${gateway.ip4}`,
    `route add ${gateway.ip6}/128 dev eth0`,
    `route add ::/0 via ${gateway.ip6}`,
  ]);
}

/** Removes a Pod's namespace, and its link with it once no process is left inside. */
export async function removePodNetwork(node: LabNode, slot: number): Promise<void> {
  await batch(node.name, [`link del p${slot}`]);
  await batch("top", [`netns del ${podNamespace(node, slot)}`]);
}
