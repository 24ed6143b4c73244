import assert from "node:assert/strict";
import { formatMac } from "../../../src/net/mac.ts";
import { eventually } from "../../support/eventually.ts";
import type { Case } from "./case.ts";
import { advertisementsOf, answerers, arpFrom, arpReason, ask, hold, macOf, probe6, resolves } from "./lab.ts";
import { shellOn } from "./machine.ts";

const vip4 = "10.9.0.80";
const vip6 = "fd09::80";

/** As kube-proxy in IPVS mode makes it: down, without ARP, with the address of each Service. */
async function makeIpvsInterface(host: string): Promise<void> {
  await shellOn(
    host,
    `ip link add kube-ipvs0 type dummy
     ip link set kube-ipvs0 arp off
     ip address add ${vip4}/32 dev kube-ipvs0
     ip address add ${vip6}/128 dev kube-ipvs0 nodad`,
  );
}

/** As kube-proxy sets it, or leaves it. */
async function setStrictArp(host: string, on: boolean): Promise<void> {
  const conf = "/proc/sys/net/ipv4/conf/all";
  await shellOn(host, `echo ${on ? 1 : 0} > ${conf}/arp_ignore; echo ${on ? 2 : 0} > ${conf}/arp_announce`);
}

/** Who answers for the address; the node's own is asked for after it, so that its answer to the first would have come before. */
async function answerersNow(): Promise<readonly string[]> {
  const asker = await ask("eth0", vip4, "10.9.0.1");
  await eventually(
    "the answers that are due",
    () => [vip4, "10.9.0.1"].every((target) => answerers("eth0", target, asker).length > 0) || undefined,
  );
  return answerers("eth0", vip4, asker);
}

async function looseAnswersBesideTheHolder(): Promise<void> {
  await makeIpvsInterface("a");
  for (const vip of [vip4, vip6]) await hold("b", vip, "bond0");
  assert.equal(await arpReason("a", "eth0"), "StrictARPOff");
  assert.deepEqual(await answerersNow(), [await macOf("a", "eth0"), await macOf("b", "bond0")].sort());
}

async function strictLeavesItToTheHolder(): Promise<void> {
  await setStrictArp("a", true);
  assert.equal(await arpReason("a", "eth0"), undefined);
  assert.deepEqual(await answerersNow(), [await macOf("b", "bond0")]);
}

/** Has node "a" ask for a neighbour because of a packet that comes from the address, and waits for the name that it asks in. */
async function asksInTheNameOf(name: string, target: string): Promise<void> {
  const mac = await macOf("a", "eth0");
  await shellOn("a", `ip route add ${target} dev eth0 src ${vip4}; bash -c 'echo > /dev/udp/${target}/9' || true`);
  const asked = (from: string): boolean =>
    arpFrom("eth0", from).some(({ operation, senderMac }) => operation === "request" && formatMac(senderMac) === mac);
  await eventually("the question", () => asked(name) || undefined);
  assert.equal(asked(vip4), name === vip4);
}

async function neverAnswersSolicitations(): Promise<void> {
  await probe6(vip6);
  await probe6("fd09::1");
  const answers = (target: string): readonly string[] =>
    advertisementsOf("eth0", target).flatMap(({ targetMac }) => (targetMac ? [formatMac(targetMac)] : []));
  await eventually("the answer that is due", () => answers("fd09::1").length > 0 || undefined);
  assert.deepEqual([...new Set(answers(vip6))], [await macOf("b", "bond0")]);
}

async function speakerAnswersInPlaceOfTheKernel(): Promise<void> {
  await makeIpvsInterface("b");
  for (const host of ["a", "b"]) await setStrictArp(host, true);
  for (const vip of [vip4, vip6]) await resolves("eth0", vip, await macOf("b", "bond0"));
}

/** Node "a" has kube-ipvs0 with the addresses that node "b" holds; at last "b" has it too. */
export const strictArpCases: readonly Case[] = [
  {
    name: "kube-ipvs0: without strict ARP another node's kernel answers beside the holder, and StrictARPOff says so",
    run: looseAnswersBesideTheHolder,
  },
  {
    name: "kube-ipvs0: with strict ARP the holder alone answers, and nothing is said",
    run: strictLeavesItToTheHolder,
  },
  {
    name: "kube-ipvs0: with strict ARP a node asks for neighbours in its own name",
    run: () => asksInTheNameOf("10.9.0.1", "10.9.0.76"),
  },
  {
    name: "kube-ipvs0: without, in the name of the address that another node holds",
    run: async () => {
      await setStrictArp("a", false);
      await asksInTheNameOf(vip4, "10.9.0.77");
    },
  },
  {
    name: "kube-ipvs0: no kernel answers neighbour solicitations for its addresses, even without strict ARP",
    run: neverAnswersSolicitations,
  },
  {
    name: "kube-ipvs0: on the holder itself, with strict ARP, the speaker answers in place of the kernel",
    run: speakerAnswersInPlaceOfTheKernel,
  },
];
