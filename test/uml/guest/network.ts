/**
 * The hosts, all on one bridge, with addresses of 10.9.0.0/24 and fd09::/64, and of 10.10.0.0/24 and fd10::/64 in VLAN 10:
 *
 * | host | device | its end | .N |
 * |---|---|---|---|
 * | a | eth0, eth0.10 | port-a | 1 |
 * | b | bond0 (active-backup) of eth0 and eth1, bond0.10 | port-b, port-b1 | 2 |
 * | client | eth0, eth0.10, eth0.20 | port-client | 3 |
 */
import { shell } from "./machine.ts";

function host(name: string, number: number, device: string): string {
  const inside = `ip -n ${name}`;
  return `
    ${inside} link set ${device} up
    ${inside} link add link ${device} name ${device}.10 type vlan id 10
    ${inside} link set ${device}.10 up
    ${inside} address add 10.9.0.${number}/24 dev ${device}
    ${inside} address add fd09::${number}/64 dev ${device} nodad
    ${inside} address add 10.10.0.${number}/24 dev ${device}.10
    ${inside} address add fd10::${number}/64 dev ${device}.10 nodad`;
}

function cable(port: string, name: string, device: string): string {
  return `
    ip -n lan link add ${port} type veth peer name ${device} netns ${name}
    ip -n lan link set ${port} master br0 up`;
}

/** Makes hosts and cables. */
export async function makeNetwork(): Promise<void> {
  await shell(`
    for name in lan a b client; do ip netns add $name; ip -n $name link set lo up; done
    ip -n lan link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
    ip -n lan link set br0 up
    ${cable("port-a", "a", "eth0")}
    ${cable("port-b", "b", "eth0")}
    ${cable("port-b1", "b", "eth1")}
    ${cable("port-client", "client", "eth0")}
    ip -n b link add bond0 type bond mode active-backup miimon 50
    ip -n b link set eth0 master bond0
    ip -n b link set eth1 master bond0
    ${host("a", 1, "eth0")}
    ${host("b", 2, "bond0")}
    ${host("client", 3, "eth0")}
    ip -n client link add link eth0 name eth0.20 type vlan id 20
    ip -n client link set eth0.20 up`);
}
