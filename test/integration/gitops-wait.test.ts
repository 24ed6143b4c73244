/** What those who wait for a Service or a pool conclude from its status: kubectl wait, kstatus (Helm 4, Flux), Argo CD, Helm 3. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  type ClusterObjects,
  objectsOf,
  type ServiceObject,
} from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number;
};

type Waited = {
  readonly metadata: { readonly name: string; readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
};

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agent: FakeAgent;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
  agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  await cluster.createPool("public", ["203.0.113.0/24"]);
});

after(async () => {
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

/** The rules of kstatus for a kind that it does not know: the first that applies. */
function kstatusOf({ metadata, status = {} }: Waited): string {
  const is = (type: string): string | undefined => status.conditions?.find((each) => each.type === type)?.status;
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (status.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return "InProgress";
  if (is("Reconciling") === "True") return "InProgress";
  if (is("Stalled") === "True") return "Failed";
  const ready = is("Ready");
  return ready === undefined || ready === "True" ? "Current" : "InProgress";
}

/** Argo CD's built-in health of a Service; Helm 3 waits by the same rule. */
function argoHealthOf({ spec, status }: ServiceObject): string {
  return spec.type === "LoadBalancer" && (status.loadBalancer.ingress ?? []).length === 0 ? "Progressing" : "Healthy";
}

/** Whether `kubectl wait` ends well; it does not wait for what is not there yet. */
async function waits(object: string, what: string): Promise<boolean> {
  try {
    await plane.kubectl(["wait", object, `--for=${what}`, "--timeout=0s"]);
    return true;
  } catch (error) {
    assert.match(String(error), /condition not met/);
    return false;
  }
}

type State = {
  readonly name: string;
  /** Makes the Service and resolves once it is in the state. */
  readonly make: (name: string) => Promise<unknown>;
  /** The conditions Allocated and Announced; absent: no condition at all. */
  readonly says: readonly [allocated: string, announced: string] | readonly [allocated: string] | readonly [];
  readonly argo: "Healthy" | "Progressing";
};

const saysOf = (name: string, type: string, reason: string): Promise<ServiceObject> =>
  cluster.serviceIs(name, `has ${type} with reason ${reason}`, ({ status }) =>
    (status.conditions ?? []).some((each) => each.type === type && each.reason === reason),
  );

async function served(name: string, spec: object = {}): Promise<string> {
  await cluster.createService(name, spec);
  const { status } = await saysOf(name, "herald.dev/Announced", "Announced");
  return status.loadBalancer.ingress?.[0]?.ip ?? assert.fail("no address");
}

const states: readonly State[] = [
  { name: "announced", make: served, says: ["True", "True"], argo: "Healthy" },
  {
    name: "allocated and not announced yet",
    make: async (name) => {
      agent.mute(true);
      await cluster.createService(name);
      await saysOf(name, "herald.dev/Announced", "NotYetAnnounced");
    },
    says: ["True", "False"],
    argo: "Progressing",
  },
  {
    name: "announced once and not now",
    make: async (name) => {
      agent.mute(false);
      agent.refuse(await served(name), "NoInterface", "eth0 is gone");
      await saysOf(name, "herald.dev/Announced", "NoInterface");
    },
    says: ["True", "False"],
    argo: "Healthy",
  },
  {
    name: "refused",
    make: async (name) => {
      await cluster.createService(name, {}, { "herald.dev/pool": "absent" });
      await cluster.refusal(name);
    },
    says: ["False"],
    argo: "Progressing",
  },
  {
    name: "refused a change",
    make: async (name) => {
      await served(name);
      await cluster.patchService(name, { metadata: { annotations: { "herald.dev/pool": "absent" } } });
      await saysOf(name, "herald.dev/Allocated", "RequestRefused");
    },
    says: ["True", "True"],
    argo: "Healthy",
  },
  {
    name: "contested",
    make: async (name) => {
      await served(name);
      for (let i = 0; i < 3; i++) {
        await cluster.patchService(name, { spec: { loadBalancerIP: null } });
        if (i < 2) await cluster.serviceIs(name, "has it back", ({ spec }) => spec.loadBalancerIP !== undefined);
      }
      await saysOf(name, "herald.dev/Allocated", "FieldContested");
    },
    says: ["True", "True"],
    argo: "Healthy",
  },
  {
    name: "no LoadBalancer any more",
    make: async (name) => {
      await served(name);
      await cluster.patchService(name, { spec: { type: "ClusterIP" } });
      await cluster.serviceIs(name, "says nothing", ({ status }) => (status.conditions ?? []).length === 0);
    },
    says: [],
    argo: "Healthy",
  },
  {
    name: "another implementation's",
    make: (name) => cluster.createService(name, { loadBalancerClass: "example.org/other" }),
    says: [],
    argo: "Progressing",
  },
];

describe("whoever waits for a Service", () => {
  for (const [index, { name, make, says, argo }] of states.entries())
    it(`Given it is ${name}, Then kubectl wait, kstatus and Argo CD see just that`, async () => {
      const service = `state-${index}`;
      await make(service);
      const types = ["Allocated", "Announced"].map((type) => `herald.dev/${type}`);
      for (const [i, type] of types.entries())
        for (const status of ["True", "False"])
          assert.equal(
            await waits(`service/${service}`, `condition=${type}=${status}`),
            says[i] === status,
            `${type}=${status}`,
          );
      const now = await cluster.service(service);
      assert.equal(argoHealthOf(now), argo);
      assert.equal(
        await waits(`service/${service}`, "jsonpath={.status.loadBalancer.ingress}"),
        argo === "Healthy" && says.length > 0,
      );
      assert.equal(kstatusOf(now), "Current");
    });

  it("Given kubectl waits before there is an address, When a pool gives one, Then it ends well", async () => {
    await cluster.createService("waiting", {}, { "herald.dev/pool": "later" });
    await cluster.refusal("waiting");
    const waiting = plane.kubectl(["wait", "service/waiting", "--for=condition=herald.dev/Allocated", "--timeout=60s"]);
    await cluster.createPool("later", ["198.51.100.0/28"]);
    assert.match(await waiting, /condition met/);
    assert.equal(allocatedCondition(await cluster.service("waiting"))?.status, "True");
  });
});

describe("docs/gitops.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/gitops.md"), "utf8");
  const commands = [...text.matchAll(/^kubectl (wait .*)$/gm)].map(([, args = ""]) => args.replaceAll("'", ""));

  it("Given a Service that is served, Then every wait that is written there ends well", async () => {
    assert.equal(commands.length, 4);
    await served("web");
    for (const args of commands) assert.match(await plane.kubectl(args.split(" ")), /condition met/, args);
  });
});

describe("whoever waits for an IPPool", () => {
  const pool = (name: string): Promise<Waited> => cluster.pool(name);
  const observed = (name: string): Promise<Waited> =>
    eventually(`${name} is observed`, async () => {
      const now = await pool(name);
      return now.status?.observedGeneration === now.metadata.generation ? now : undefined;
    });

  const edits: readonly { readonly name: string; readonly patch: object; readonly want: string }[] = [
    { name: "grows", patch: { addresses: ["192.0.2.0/29", "192.0.2.64/29"] }, want: "Current" },
    { name: "is paused", patch: { paused: true }, want: "Current" },
    { name: "cannot be read", patch: { announcement: { arp: { interfaces: ["/(/"] } } }, want: "InProgress" },
    { name: "can be read again", patch: { announcement: { arp: { interfaces: ["eth0"] } } }, want: "Current" },
    { name: "is full", patch: { paused: false, addresses: ["192.0.2.1"], automatic: false }, want: "Current" },
  ];

  it("Given a pool is made and edited, Then observedGeneration follows, in the status and in each condition, and Ready says whether it can be used", async () => {
    await cluster.createPool("edited", ["192.0.2.0/30"], { automatic: false });
    assert.equal(kstatusOf(await observed("edited")), "Current");
    await cluster.createService("filler", {}, { "herald.dev/addresses": "192.0.2.1" });
    await cluster.allocated("filler");
    for (const { name, patch, want } of edits) {
      await cluster.patchPool("edited", { spec: patch });
      const now = await observed("edited");
      assert.equal(kstatusOf(now), want, name);
      // Of a pool that cannot be read nothing else is known anew.
      const judged = (now.status?.conditions ?? []).filter(({ type }) => type === "Ready" || want === "Current");
      for (const { type, observedGeneration } of judged)
        assert.equal(observedGeneration, now.metadata.generation, `${name}: ${type}`);
      assert.equal(await waits("ippools.herald.dev/edited", "condition=Ready"), want === "Current", name);
    }
  });
});

describe("whoever waits for a VIPAdvertisement", () => {
  it("Given an address that is announced, and one that is not, Then the one is Current and the other InProgress", async () => {
    const announced = await served("seen");
    const silent = await served("unseen");
    agent.refuse(silent, "NoInterface", "eth0 is gone");
    await saysOf("unseen", "herald.dev/Announced", "NoInterface");
    const now = async (address: string): Promise<string> => {
      const name = address.replaceAll(".", "-");
      return kstatusOf(await plane.api.call("GET", `/apis/herald.dev/v1beta1/vipadvertisements/${name}`));
    };
    await eventually("the ledger says so", async () => (await now(silent)) === "InProgress" || undefined);
    assert.equal(await now(announced), "Current");
  });
});
