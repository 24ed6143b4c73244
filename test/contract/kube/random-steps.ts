import { isNotFound } from "../../../src/kube/api-error.ts";
import type { Store } from "../../../src/kube/store.ts";
import { isList, isWatch } from "./arrivals.ts";
import type { Fault } from "./fault-proxy.ts";
import { CONFIG_MAPS, type ConfigMap, type Kept, type Stage, type Subject } from "./subject.ts";

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const expired = { kind: "Status", code: 410, reason: "Expired", message: "too old" };
const watchFaults: readonly Fault[] = [
  { kind: "endAtOnce" },
  { kind: "freeze" },
  { kind: "dribble" },
  { kind: "refuse", code: 410, body: expired },
  { kind: "refuse", code: 503, body: {} },
  { kind: "eventThenEnd", event: { type: "ERROR", object: expired } },
];
const listFaults: readonly Fault[] = [
  { kind: "refuse", code: 500, body: {} },
  { kind: "refuse", code: 410, body: expired },
  { kind: "loseAnswer" },
];

/** Breaks all connections, or sets a trap for the next list or watch. */
function randomFault({ subject }: Stage, random: () => number): void {
  const chosen = Math.floor(random() * (watchFaults.length + listFaults.length));
  const watch = watchFaults[chosen];
  const list = listFaults[chosen - watchFaults.length];
  if (watch !== undefined) subject.proxy.inject(isWatch, watch);
  if (list !== undefined) subject.proxy.inject(isList, list);
  if (random() < 0.5) subject.proxy.cut();
}

/** Tells a store of one write, whenever the writer gets to it. */
type Report = (store: Store<Kept, ConfigMap>) => void;

/** Makes, changes, deletes or remakes one of eight ConfigMaps, past the proxy; gives back what its writer would tell the store. */
async function randomWrite({ subject }: Stage, random: () => number): Promise<Report> {
  const name = `r${Math.floor(random() * 8)}`;
  const data = { value: `${random()}` };
  try {
    if (random() < 0.3) return await remove(subject, name);
    const patched = await subject.direct.mergePatch(CONFIG_MAPS, subject.ref(name), { data });
    return (store) => store.observe(patched);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const created = await subject.direct.create(CONFIG_MAPS, subject.map(name, data));
    return (store) => store.observe(created);
  }
}

async function remove(subject: Subject, name: string): Promise<Report> {
  const { metadata } = await subject.direct.get(CONFIG_MAPS, subject.ref(name));
  await subject.direct.delete(CONFIG_MAPS, subject.ref(name), { uid: metadata.uid });
  return (store) => store.forget(subject.key(name), metadata.uid);
}

/** Sixty writes and some twenty faults; half of the writes are told to the store, some of them late and out of order. */
export async function randomSchedule(stage: Stage, store: Store<Kept, ConfigMap>, seed: number): Promise<void> {
  const random = seeded(seed);
  const untold: Report[] = [];
  for (let step = 0; step < 60; step += 1) {
    const report = await randomWrite(stage, random);
    if (random() < 0.5) untold.push(report);
    if (random() < 0.3) randomFault(stage, random);
    if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 60));
    if (random() < 0.4) tell(store, untold.splice(Math.floor(random() * untold.length)));
  }
  tell(store, untold);
  stage.subject.proxy.calm();
}

function tell(store: Store<Kept, ConfigMap>, reports: readonly Report[]): void {
  for (const report of reports) report(store);
}
