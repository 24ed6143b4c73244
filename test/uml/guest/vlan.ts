import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import type { Case } from "./case.ts";
import { announcements, answerers, ask, hold, macOf, resolves } from "./lab.ts";

const untagged = "10.9.0.90";
const tagged = ["10.10.0.90", "fd10::90"] as const;

async function resolvesInside(): Promise<void> {
  for (const vip of tagged) await hold("a", vip, "eth0.10");
  await hold("a", untagged, "eth0");
  for (const vip of tagged) await resolves("eth0.10", vip, await macOf("a", "eth0.10"));
}

async function isAnnouncedWithItsTag(): Promise<void> {
  await eventually("the announcements", () => {
    const counts = [announcements("eth0", untagged), ...tagged.map((vip) => announcements("eth0.10", vip))];
    return counts.every((count) => count > 0) || undefined;
  });
  for (const vip of tagged) assert.equal(announcements("eth0", vip), 0);
  assert.equal(announcements("eth0.10", untagged), 0);
}

async function isNotAnsweredForElsewhere(): Promise<void> {
  const other = await ask("eth0.20", untagged);
  const inside = await ask("eth0.10", untagged, tagged[0]);
  const outside = await ask("eth0", tagged[0], untagged);
  // What was asked later is answered, so that what was asked before would have been.
  await eventually("the answers that are due", () => {
    const answered = [answerers("eth0.10", tagged[0], inside), answerers("eth0", untagged, outside)];
    return answered.every((macs) => macs.length > 0) || undefined;
  });
  for (const device of ["eth0", "eth0.10", "eth0.20"] as const) {
    assert.deepEqual(answerers(device, tagged[0], outside), []);
    assert.deepEqual(answerers(device, untagged, inside), []);
    assert.deepEqual(answerers(device, untagged, other), []);
  }
}

/** An address announced on eth0.10 beside one on eth0. */
export const vlanCases: readonly Case[] = [
  { name: "VLAN: the address resolves inside it, both families, to the node", run: resolvesInside },
  { name: "VLAN: it is announced with its tag alone, and an address of eth0 without", run: isAnnouncedWithItsTag },
  {
    name: "VLAN: no address is answered for on the other side, nor in a VLAN that the node is not on",
    run: isNotAnsweredForElsewhere,
  },
];
