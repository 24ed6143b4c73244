import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Agent, leaveMs } from "../../../src/agent/agent.ts";
import type { AdvertisementView, SpeakerCommand, SpeakerReport } from "../../../src/agent/ports.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import type { VipNode, VipNodeStatus } from "../../../src/api/vip-node.ts";
import { formatAddress } from "../../../src/net/address.ts";
import type { Logger } from "../../../src/runtime/log.ts";
import { address, advertisement, prefix, service, vipNode } from "../../support/builders.ts";

const leaseDurationMs = 5_000;

/** A clock that stands still unless it is moved; what is due at once runs in the next turn of the event loop. */
function manualClock() {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  const runDue = (): void => {
    for (const timer of [...timers]) if (timer.dueMs <= nowMs && timers.delete(timer)) timer.callback();
  };
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer: (delayMs: number, callback: () => void) => {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      if (delayMs <= 0) setImmediate(runDue);
      return () => void timers.delete(timer);
    },
    async advance(ms: number): Promise<void> {
      nowMs += ms;
      runDue();
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

function world() {
  const clock = manualClock();
  const state = {
    advertisements: [] as Advertisement[],
    node: undefined as VipNode | undefined,
    synced: true,
    renewedMs: 0 as number | undefined,
    reopened: 0,
    happened: [] as string[],
    statuses: [] as VipNodeStatus[],
    written: Promise.resolve(),
    report: (_: SpeakerReport): void => {},
    fail: (_: Error): void => {},
  };
  const view: AdvertisementView = {
    synced: () => state.synced,
    list: () => state.advertisements,
    heardMs: () => clock.monotonicMs(),
    reopen: () => void state.reopened++,
  };
  const log: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const agent = new Agent({
    node: "node1",
    leaseDurationMs,
    advertisements: view,
    ownNode: {
      read: () => state.node,
      write: async (read, status) => {
        state.statuses.push(status);
        await state.written;
        state.node = { ...read, ...status };
        return "written";
      },
    },
    lease: {
      renewedMs: () => state.renewedMs,
      leave: () => void state.happened.push("lease says leaving"),
      release: async () => void state.happened.push("lease emptied"),
    },
    openSpeaker: (onReport, onFailure) => {
      state.report = onReport;
      state.fail = onFailure;
      return {
        send: (command) => void state.happened.push(described(command)),
        close: async () => void state.happened.push("closed"),
      };
    },
    clock,
    random: () => 0,
    log,
    metrics: { ownershipChanged: () => {}, conflictFound: () => {}, speakerCounted: () => {} },
  });
  return { clock, state, agent };
}

function described(command: SpeakerCommand): string {
  return command.kind === "authority"
    ? `authority ${command.fresh}`
    : `${command.kind} ${formatAddress(command.address)}`;
}

const eth0 = { name: "eth0", mac: Uint8Array.of(2, 0, 0, 0, 0, 1), up: true, carriesDefaultRoute: true, gateways: [] };
const interfaces: SpeakerReport = {
  kind: "interfaces",
  interfaces: [{ ...eth0, subnets: [prefix("192.168.50.11/24")] }],
};
const claim = (text: string, node = "node1"): Advertisement => advertisement(text, { owner: service(), node });
const announced = (text: string): SpeakerReport => ({ kind: "announced", address: address(text), interface: "eth0" });
const withdrawn = (text: string): SpeakerReport => ({ kind: "withdrawn", address: address(text) });
const one = "192.168.50.1";
const two = "192.168.50.2";

let { clock, state, agent } = world();
let stop = new AbortController();
let ended: Promise<void>;

beforeEach(() => {
  ({ clock, state, agent } = world());
  stop = new AbortController();
  ended = agent.run(stop.signal);
});

/** Everything that an agent waits for is there, and it announces these. */
async function announcing(...texts: readonly string[]): Promise<void> {
  state.node = vipNode("node1");
  state.advertisements = texts.map((text) => claim(text));
  state.report(interfaces);
  await settle();
  for (const text of texts) state.report(announced(text));
  await settle();
  state.happened.length = 0;
}

const incomplete: readonly { name: string; lacks: () => void }[] = [
  { name: "the first lists", lacks: () => (state.synced = false) },
  { name: "the first renewal of its Lease", lacks: () => (state.renewedMs = undefined) },
];
for (const { name, lacks } of incomplete)
  it(`asks nothing of the speaker before ${name}`, async () => {
    lacks();
    await announcing(one);
    assert.deepEqual([state.happened, state.statuses], [[], []]);
  });

it("writes one status for all that happens while another is being written", async () => {
  const write = Promise.withResolvers<void>();
  state.written = write.promise;
  await announcing(one);
  const before = state.statuses.length;
  state.advertisements = [claim(one), claim(two)];
  agent.wake();
  await settle();
  state.report(announced(two));
  await settle();
  assert.equal(state.statuses.length, before);
  write.resolve();
  await settle();
  assert.equal(state.statuses.length, before + 1);
  assert.deepEqual(state.statuses.at(-1)?.announcing[0]?.addresses, [address(one), address(two)]);
});

it("writes nothing when the status says so already, after a restart too", async () => {
  await announcing(one);
  const { node } = state;
  ({ clock, state, agent } = world());
  void agent.run(stop.signal);
  state.node = node;
  state.advertisements = [claim(one)];
  state.report(interfaces);
  await settle();
  state.report(announced(one));
  await settle();
  assert.deepEqual(state.statuses, []);
  assert.deepEqual(state.happened, ["authority true", `announce ${one}`]);
});

it("waits for its VIPNode", async () => {
  await announcing(one);
  const written = state.node;
  state.node = undefined;
  agent.wake();
  await settle();
  const before = state.statuses.length;
  state.node = vipNode("node1");
  agent.wake();
  await clock.advance(1_000);
  assert.equal(state.statuses.length, before + 1);
  assert.deepEqual(state.node.announcing, written?.announcing);
});

it("tells the speaker when its Lease lapses, and again once it and the watch are back; announces nothing new meanwhile", async () => {
  await announcing(one);
  await clock.advance(leaseDurationMs);
  state.advertisements = [claim(one), claim(two)];
  agent.wake();
  await settle();
  assert.deepEqual(state.happened, ["authority false"]);
  state.renewedMs = clock.monotonicMs();
  await clock.advance(100);
  assert.equal(state.reopened, 1);
  for (let i = 0; i < 5; i++) await clock.advance(100);
  assert.deepEqual(state.happened, ["authority false", "authority true", `announce ${two}`]);
});

it("leaves once the last of its addresses was moved", async () => {
  await announcing(one, two);
  stop.abort();
  await settle();
  state.advertisements = [claim(one, "node2"), claim(two, "node2")];
  agent.wake();
  await settle();
  state.report(withdrawn(one));
  await settle();
  assert.deepEqual(state.happened, ["lease says leaving", `yield ${one}`, `yield ${two}`]);
  const before = state.statuses.length;
  state.report(withdrawn(two));
  await ended;
  assert.deepEqual(state.happened.slice(3), ["closed", "lease emptied"]);
  assert.equal(state.statuses.length, before);
});

it("leaves after two seconds when nobody takes its addresses", async () => {
  await announcing(one);
  stop.abort();
  await settle();
  await clock.advance(leaveMs - 1);
  assert.deepEqual(state.happened, ["lease says leaving"]);
  await clock.advance(1);
  await ended;
  assert.deepEqual(state.happened.slice(1), ["closed", "lease emptied"]);
});

it("leaves at once when it holds nothing", async () => {
  await announcing();
  stop.abort();
  await ended;
  assert.deepEqual(state.happened, ["lease says leaving", "closed", "lease emptied"]);
});

it("ends with the speaker's failure, and gives up its Lease so that others answer", async () => {
  await announcing(one);
  state.fail(new Error("speaker thread ended"));
  await assert.rejects(ended, /speaker thread ended/);
  assert.deepEqual(state.happened, ["closed", "lease emptied"]);
});
