import { wiring } from "../../../src/controller/main.ts";
import type { ClusterView } from "../../../src/controller/ports.ts";
import type { Connection, HttpAnswer, HttpCall } from "../../../src/kube/connection.ts";
import { memo } from "../../../src/runtime/memo.ts";
import type { Variant } from "../script/step.ts";
import type { Plant } from "../world/controller.ts";

/** A bug that was put into a controller, and the invariants by which it may be found. */
export type PlantedBug = {
  readonly name: string;
  readonly plant: Plant;
  readonly found: readonly string[];
  /** How controllers must be run for it to do harm. */
  readonly only?: Variant;
};

type Send = (call: HttpCall) => Promise<HttpAnswer>;

/** A connection on which calls go another way. */
function rerouted(link: Connection, request: (call: HttpCall, send: Send) => Promise<HttpAnswer>): Connection {
  const { server, namespace } = link;
  const send: Send = (call) => link.request(call);
  return { server, namespace, request: (call) => request(call, send), close: () => link.close() };
}

const ledger = "/apis/herald.dev/v1beta1/vipadvertisements";

type Body = {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly resourceVersion?: string };
  readonly spec: { readonly services: readonly unknown[]; readonly released?: unknown };
};

function bodyOf({ body = "{}" }: HttpCall): Body {
  return JSON.parse(body) as Body;
}

function isLedgerWrite({ path, method }: HttpCall): boolean {
  return path.startsWith(ledger) && method !== "GET" && !path.endsWith("/status");
}

function unguarded(call: HttpCall): HttpCall {
  const { uid: _, resourceVersion: __, ...metadata } = bodyOf(call).metadata;
  return { ...call, body: JSON.stringify({ ...bodyOf(call), metadata }) };
}

function answerOf(status: number, text: string): HttpAnswer {
  const body = {
    text: () => Promise.resolve(text),
    async *[Symbol.asyncIterator]() {
      yield Buffer.from(text);
    },
  };
  return { status, retryAfter: undefined, body };
}

const applied: Plant = {
  connection: (link) =>
    rerouted(link, async (call, send) => {
      if (!isLedgerWrite(call) || call.method !== "PUT") return send(call);
      const answer = await send(unguarded(call));
      return answer.status === 404 ? send({ ...unguarded(call), method: "POST", path: ledger }) : answer;
    }),
};

const overwriting: Plant = {
  connection: (link) =>
    rerouted(link, async (call, send) => {
      const answer = await send(call);
      if (call.path !== ledger || call.method !== "POST" || answer.status !== 409) return answer;
      return send({ ...unguarded(call), method: "PUT", path: `${ledger}/${bodyOf(call).metadata.name}` });
    }),
};

/** Who loses the race for a name goes on as if he had won. */
const carriedOn: Plant = {
  connection: (link) =>
    rerouted(link, async (call, send) => {
      const answer = await send(call);
      if (call.path !== ledger || call.method !== "POST" || answer.status !== 409) return answer;
      const { body: _, contentType: __, ...rest } = call;
      const there = await send({ ...rest, method: "GET", path: `${ledger}/${bodyOf(call).metadata.name}` });
      const { metadata } = JSON.parse(await there.body.text()) as Body;
      return answerOf(201, JSON.stringify({ ...bodyOf(call), metadata }));
    }),
};

/** Releases are not guarded by what was seen: a late one hits whoever has the address by then. */
const lateRelease: Plant = {
  connection: (link) =>
    rerouted(link, (call, send) => {
      if (!isLedgerWrite(call)) return send(call);
      if (call.method === "DELETE") return send({ ...call, body: "{}" });
      const releases = call.method === "PUT" && bodyOf(call).spec.services.length === 0;
      return send(releases ? unguarded(call) : call);
    }),
};

/** What the store has of a Service is taken for what the API server has. */
const unasked: Plant = {
  wiring: {
    ...wiring,
    writes: (client, stores, events) => ({
      ...wiring.writes(client, stores, events),
      readService: async (namespace, name) => stores.services.store.get(`${namespace}/${name}`),
    }),
  },
};

const unsynced: Plant = { wiring: { ...wiring, synced: async () => {} } };

/** Own writes reach the stores by the watch only. */
const forgetful: Plant = {
  wiring: {
    ...wiring,
    writes: (client, stores, events) => {
      for (const { store } of Object.values(stores)) {
        store.observe = () => false;
        store.forget = () => false;
      }
      return wiring.writes(client, stores, events);
    },
  },
};

function onView(change: (view: ClusterView) => ClusterView): Plant {
  return {
    wiring: {
      ...wiring,
      follow: async (...given) => {
        const cluster = await wiring.follow(...given);
        return { ...cluster, view: change(cluster.view) };
      },
    },
  };
}

/** What is placed on a node is taken for announced by it. */
const credulous: Plant = onView((view) => ({
  ...view,
  vipNodes: () =>
    view.vipNodes().map((node) => {
      const placed = view.advertisements().filter((each) => each.node === node.name);
      const addresses = placed.map(({ address }) => address);
      return { ...node, announcing: [{ protocol: "ARP", interface: "eth0", addresses }] };
    }),
}));

/** A release says whose the address was by a second write only: a crash between the two loses it. */
const twoStepped: Plant = {
  connection: (link) =>
    rerouted(link, async (call, send) => {
      if (!isLedgerWrite(call) || call.method !== "PUT" || bodyOf(call).spec.released === undefined) return send(call);
      const { spec, ...rest } = bodyOf(call);
      const first = await send({ ...call, body: JSON.stringify({ ...rest, spec: { ...spec, released: undefined } }) });
      if (first.status !== 200) return first;
      const { metadata } = JSON.parse(await first.body.text()) as Body;
      return send({ ...call, body: JSON.stringify({ ...rest, spec, metadata }) });
    }),
};

/** Every address counts for two. */
const doubleCounting: Plant = onView((view) => {
  const halved = memo((pools: ReturnType<ClusterView["pools"]>) =>
    pools.map((each) => {
      if (each.perNamespace === undefined) return each;
      return { ...each, perNamespace: Math.floor(each.perNamespace / 2) };
    }),
  );
  return { ...view, pools: () => halved(view.pools()) };
});

const premature = "nothing is planned before all was read, the own last write too";
const taken = "an address is not taken from a Service that wants it";
const vanished = "an address that is wanted does not vanish";
const showsOthers = "a Service shows only what the ledger has for it";
const twoOwners = "an address belongs to one Service, or to several that may share it";

const twoLeaders: Variant = { controllers: 2, election: false };

/** The bugs that a run must find, and by what. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "apply instead of a guarded PUT on the ledger",
    plant: applied,
    found: [taken, vanished, showsOthers, twoOwners],
  },
  {
    name: "no create-or-409: a POST that overwrites",
    plant: overwriting,
    found: [taken, vanished, showsOthers, twoOwners],
  },
  { name: "double claim by two leaders", plant: carriedOn, found: [showsOthers, taken, vanished], only: twoLeaders },
  { name: "release on a stale delete", plant: lateRelease, found: [taken, showsOthers] },
  {
    name: "release without a quorum GET",
    plant: unasked,
    found: [taken, showsOthers],
  },
  {
    name: "allocate before the stores are synced",
    plant: unsynced,
    found: [premature],
  },
  {
    name: "plan before the own write is seen",
    plant: forgetful,
    found: [premature],
  },
  {
    name: "status without an announcement",
    plant: credulous,
    found: ["no ingress without an announcement"],
  },
  { name: "memory lost by a crash", plant: twoStepped, found: ["a release is remembered at once"] },
  {
    name: "quota counted twice",
    plant: doubleCounting,
    found: ["what is left at rest is nothing"],
  },
];
