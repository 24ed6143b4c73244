/**
 * What the replaced systems do on the LAN that needs a kernel, a cluster or time to be shown: by which test it is. Left out,
 * because Herald decides otherwise:
 *
 * | row | theirs | Herald's |
 * |---|---|---|
 * | kube-vip 1.5 | InfiniBand frames | Ethernet alone; the address is refused on other interfaces |
 * | kube-vip 1.2, S77, S78 | masks other than a host's on an interface | a host address without a route, or nothing on the interface at all |
 * | kube-vip 1.5, S98 | the address is always on the interface | only in mode Address; in mode Responder nothing is |
 * | kube-vip 1.4 | who lost the Lease ends its process | it stops answering, and lives on as a member of its group |
 * | kube-vip 1.3 | announcements each 3 s | at once, four repeats within 3.5 s, then each minute |
 * | kube-vip 1.5 | one Lease a Service | votes on the LAN, an address each; one Lease a node, which decides no holder |
 * | keepalived | multicast VRRP | unicast to the members of the group alone |
 * | external IP controller | "all" holders of an address | one on a LAN; several are BGP's |
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const tests = join(import.meta.dirname, "../..");

/** Row or issue, the file under test/, and words of the test's name. */
const shown: readonly (readonly [row: string, file: string, words: string])[] = [
  ["S6, S37", "e2e/lan.test.ts", "S37 and S6"],
  ["S40: failover without multicast, by unicast", "e2e/heartbeats.test.ts", "two members that know each other's keys"],
  [
    "S44, #1700: nothing of an address that was changed is left",
    "e2e/lan.test.ts",
    "S44: Given a Service whose address changes",
  ],
  ["S84, #824: a Service that is deleted", "e2e/lan.test.ts", "Given a Service is deleted, Then nobody answers"],
  ["S87: only live Pods answer, #1397", "e2e/failover-endpoints.test.ts", "the servers are replaced one by one"],
  ["S94: an agent notices by its watch", "e2e/lan.test.ts", "S94, S95 and S4"],
  ["S96, S97", "e2e/lan.test.ts", "S96 and S97"],
  ["S99: a neighbour's table", "e2e/lan.test.ts", "S99: Given a holder"],
  ["S98, S73: the address on the one interface", "e2e/lan.test.ts", "S98: Given mode Address"],
  ["S100: what is told last", "e2e/lan.test.ts", "S100 and S8"],
  ["S101, S107: Pods on any node", "e2e/lan.test.ts", "S101: Given a holder"],
  [
    "#225 #238 #936 #1413: left behind by a process that was killed",
    "e2e/speaker-outages.test.ts",
    "a leftover with Herald's mark",
  ],
  ["#835 #1563: left behind on exit", "e2e/speaker.test.ts", "nothing is left after the close"],
  ["#1288: never a node's own address", "e2e/foreign-address.test.ts", "asks for the gateway, a node or a cluster IP"],
  ["#1787: another station has the address", "e2e/foreign-address.test.ts", "that another station on the LAN has"],
  [
    "#430 #1474: policy Local, the only endpoint moves",
    "e2e/failover-endpoints.test.ts",
    "When its only endpoint moves",
  ],
  ["MetalLB L5, L6: the policy changes", "e2e/failover-endpoints.test.ts", "from Cluster to Local and back"],
  ["#867: the API server is away", "e2e/failover.test.ts", "When the API server stands still"],
  [
    "#235 #997, kube-keepalived-vip #78: a node that is lost",
    "e2e/failover.test.ts",
    "Then one node alone answers for each address",
  ],
  ["#1114, keepalived DR: strict ARP beside kube-ipvs0", "uml/guest/strict-arp.ts", "answers beside the holder"],
  ["kube-vip 1.2 serviceVLAN", "uml/guest/vlan.ts", "it is announced with its tag alone"],
  [
    "kube-vip 1.3 vip_loseleadership: a link that goes down",
    "e2e/speaker-outages.test.ts",
    "carrier that is lost and comes back",
  ],
  ["#504: several LANs on a node", "e2e/speaker-lans.test.ts", "not for those of the other LAN"],
  ["1.5: duplicate address detection of IPv6", "e2e/speaker.test.ts", "duplicate address detection of another host"],
];

describe("Shown elsewhere", () => {
  for (const [row, file, words] of shown)
    it(`${row}: ${file}`, () => assert.ok(readFileSync(join(tests, file), "utf8").includes(words), words));
});
