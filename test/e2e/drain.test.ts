/** Planned moves: a node is drained, its agent ends in order, all agents are replaced. No connection is lost by any. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, beyondWindow } from "../lab/answers.ts";
import { inject, restartAgent } from "../lab/faults.ts";
import { type Attempt, counts } from "../lab/flows.ts";
import { openSite, type Site, settled, untilGrouped } from "../lab/site.ts";
import { type Watch, watchFlows, watchFrames } from "../lab/watch.ts";
import { eventually } from "../support/eventually.ts";

const everyMs = 10;
const lingerMs = 1_500;
const servers = "node3";

describe("planned moves", () => {
  let site: Site;
  let frames: Watch<Answer>;
  before(async () => {
    site = await openSite({ nodes: 3, services: 8, serversOn: servers });
    frames = await watchFrames(site.lab, site.addresses);
  });
  after(async () => {
    frames?.stop();
    await site?.lab.stop();
  });

  const ip = (): string => site.addresses[0] ?? "";
  const drain = (node: string, wanted: boolean): Promise<string> =>
    site.cluster.kubectl(["patch", "vipnode", node, "--type=merge", "-p", JSON.stringify({ spec: { drain: wanted } })]);

  /** Does it while a client connects and sends echoes through the first address; nothing of theirs may be lost. */
  async function lossless(act: () => Promise<void>): Promise<void> {
    const begun = frames.seen().length;
    const flows: readonly Watch<Attempt>[] = [
      await watchFlows(site.lab, { ip: ip(), protocol: "TCP", everyMs }),
      await watchFlows(site.lab, { ip: ip(), protocol: "UDP", everyMs }),
    ];
    await sleep(lingerMs);
    await act();
    await sleep(lingerMs);
    for (const flow of flows) {
      const { attempts, lost } = counts(flow.stop());
      assert.ok(attempts > 0);
      assert.equal(lost, 0, `${lost} of ${attempts} lost`);
    }
    assert.deepEqual(beyondWindow(frames.seen().slice(begun)), []);
  }

  it("When a node is drained, Then its addresses are elsewhere, no connect or echo is lost, and condition Drained says so", async () => {
    const drained = (await settled(site, frames)).get(ip()) ?? "";
    await lossless(async () => {
      await drain(drained, true);
      await settled(site, frames, (holder) => holder !== drained);
    });
    await eventually("condition Drained", async () => {
      const path = 'jsonpath={.status.conditions[?(@.type=="Drained")].status}';
      return (await site.cluster.kubectl(["get", "vipnode", drained, "-o", path])) === "True" || undefined;
    });
  });

  it("When it is undrained, Then it takes nothing back, and is there when the other one is drained", async () => {
    const before = await settled(site, frames);
    const holder = before.get(ip()) ?? "";
    const drained = site.lab.nodes.find(({ name }) => name !== holder && name !== servers)?.name ?? "";
    await drain(drained, false);
    await sleep(lingerMs);
    assert.deepEqual(await settled(site, frames), before);
    await lossless(async () => {
      await drain(holder, true);
      await settled(site, frames, (node) => node === drained);
    });
    await drain(holder, false);
  });

  it("When the holder's agent ends by SIGTERM, Then the other holds all, no connect or echo is lost, and it takes nothing back", async () => {
    const holder = (await settled(site, frames)).get(ip()) ?? "";
    let mend = async (): Promise<void> => undefined;
    await lossless(async () => {
      mend = await inject(site.lab, "terminate", holder);
      await settled(site, frames, (node) => node !== holder);
    });
    const during = await settled(site, frames);
    await mend();
    await untilGrouped(site);
    assert.deepEqual(await settled(site, frames), during);
  });

  it("When all agents are replaced one after another, Then no connect or echo is lost", async () => {
    await lossless(async () => {
      for (const { name } of site.lab.nodes) {
        await site.lab.kill(`agent-${name}`, "SIGTERM");
        await restartAgent(site.lab, name);
        await untilGrouped(site);
      }
    });
    await settled(site, frames);
  });
});
