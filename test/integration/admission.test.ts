import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { freePort } from "../lab/servers.ts";
import { type AdmissionProcess, startAdmission } from "../support/admission-process.ts";
import { eventually } from "../support/eventually.ts";
import { said } from "../support/write-answer.ts";

const pools = "/apis/herald.dev/v1beta1/ippools";
const services = "/api/v1/namespaces/default/services";
let plane: ControlPlane;
let port: number;
let admission: AdmissionProcess;

before(async () => {
  plane = await startControlPlane();
  port = await freePort();
  await applyManifests(plane, port);
  admission = await startAdmission(plane, port);
  await eventually(
    "a pool is reviewed",
    async () => (await createPool("first", "198.51.100.0/24")) === "" || undefined,
  );
});
after(async () => {
  admission?.kill("SIGKILL");
  await plane?.stop();
});

function createPool(name: string, ...addresses: readonly string[]): Promise<string> {
  const body = { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name }, spec: { addresses } };
  return said(plane.api.call("POST", pools, body));
}

function changePool(name: string, change: object): Promise<string> {
  return said(plane.api.call("PATCH", `${pools}/${name}`, change));
}

function createService(name: string, annotations: object, spec: object = {}): Promise<string> {
  const whole = { type: "LoadBalancer", ports: [{ port: 80 }], ...spec };
  return said(plane.api.call("POST", services, { metadata: { name, annotations }, spec: whole }));
}

describe("an IPPool", () => {
  it("that overlaps another is refused, naming both the other and the addresses", async () => {
    const message = await createPool("second", "192.0.2.0/24", "198.51.100.16-198.51.101.3");
    assert.match(
      message,
      /denied the request: spec\.addresses: 198\.51\.100\.16-198\.51\.100\.255 also in pool first$/,
    );
  });

  it("may be changed without meeting itself, but not into another one", async () => {
    assert.equal(await createPool("third", "192.0.2.0/25"), "");
    assert.equal(await changePool("third", { spec: { addresses: ["192.0.2.0/24"] } }), "");
    assert.match(await changePool("third", { spec: { addresses: ["198.51.0.0/16"] } }), /also in pool first$/);
  });

  it("is told every problem that the schema does not see, at once", async () => {
    const message = await createPool("fourth", "2001:db8::9-2001:db8::1", "203.0.113.1", "fd50::2-fd50::1");
    assert.match(message, /spec\.addresses\[0\]: range .* ends before it starts; spec\.addresses\[2\]: range /);
  });

  it("with host bits, and addresses that the cluster uses, is taken with warnings", async () => {
    const manifest = `{apiVersion: herald.dev/v1beta1, kind: IPPool, metadata: {name: odd},
      spec: {addresses: [203.0.113.7/29, 10.96.0.0/30]}}`;
    const shown = await warningsOf(manifest);
    assert.match(shown, /spec\.addresses\[0\]: 203\.0\.113\.7\/29 has host bits, taken as 203\.0\.113\.0\/29/);
    assert.match(shown, /spec\.addresses: 10\.96\.0\.0\/30 is never given: in the Service network/);
  });
});

/** What kubectl prints as warnings when it creates an object; as errors, because kubectl is told to take them as such. */
async function warningsOf(manifest: string): Promise<string> {
  const args = ["create", "--dry-run=server", "--warnings-as-errors", "-f", "-"];
  return plane.kubectl(args, { stdin: manifest }).then(
    () => "",
    (error: Error) => error.message,
  );
}

describe("a Service", () => {
  const refused: readonly (readonly [what: string, annotations: object, message: RegExp])[] = [
    ["an unknown annotation of Herald's", { "herald.dev/adresses": "x" }, /\[herald\.dev\/adresses\]: is not known/],
    ["an unparsable address", { "herald.dev/addresses": "192.0.2.7,web" }, /"web" is no IP address/],
    ["leading zeros", { "herald.dev/addresses": "192.0.2.007" }, /"192\.0\.2\.007" is no IP address/],
    ["a pool name that none can have", { "herald.dev/pool": "First" }, /"First" is no name of a pool/],
  ];
  for (const [what, annotations, message] of refused) {
    it(`with ${what} is refused`, async () => assert.match(await createService("refused", annotations), message));
  }

  it("that asks for what Herald has is taken", async () => {
    assert.equal(
      await createService("right", { "herald.dev/pool": "first", "herald.dev/addresses": "198.51.100.7" }),
      "",
    );
  });

  it("that asks for a pool that is not there is taken with a warning", async () => {
    const manifest = `{apiVersion: v1, kind: Service, metadata: {name: early, annotations: {herald.dev/pool: later}},
      spec: {type: LoadBalancer, ports: [{port: 80}]}}`;
    assert.match(await warningsOf(manifest), /there is no pool later; the Service waits until there is one/);
  });

  it("of another type is not looked at", async () => {
    assert.equal(await createService("inside", { "herald.dev/addresses": "web" }, { type: "ClusterIP" }), "");
  });

  it("that was wrong before may be changed in what does not concern Herald", async () => {
    assert.match(
      await said(plane.api.call("PATCH", `${services}/inside`, { spec: { type: "LoadBalancer" } })),
      /"web" is no IP address/,
    );
    assert.equal(await said(plane.api.call("PATCH", `${services}/inside`, { metadata: { labels: { a: "b" } } })), "");
  });
});

describe("while admission cannot read the API server", () => {
  const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

  before(async () => {
    await plane.api.call("DELETE", `${bindings}/herald-admission`);
    await eventually(
      "pools cannot be read",
      async () => (await createPool("unread", "10.2.0.0/24")) !== "" || undefined,
    );
  });
  after(async () => {
    const subject = { kind: "ServiceAccount", name: "herald-admission", namespace: "herald-system" };
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "herald-admission" };
    await plane.api.call("POST", bindings, { metadata: { name: "herald-admission" }, roleRef, subjects: [subject] });
    await eventually("pools can be read", async () => (await createPool("read", "10.3.0.0/24")) === "" || undefined);
  });

  it("pools are refused", async () => {
    assert.match(await createPool("unread", "10.4.0.0/24"), /denied the request: review IPPool: Forbidden/);
  });

  it("Services go through, but for annotations that cannot be understood", async () => {
    const nothingShared = performance.now() + 1_100;
    await eventually("no earlier answer is shared", () => performance.now() > nothingShared || undefined);
    assert.equal(await createService("unwarned", { "herald.dev/pool": "later" }), "");
    assert.match(await createService("wrong", { "herald.dev/addresses": "web" }), /"web" is no IP address/);
  });
});

describe("when admission stops", () => {
  it("it answers for a while, so that nothing is refused, and ends with 0", async () => {
    admission.kill("SIGTERM");
    let over = false;
    const ended = admission.ended.finally(() => {
      over = true;
    });
    const answers: string[] = [];
    for (let i = 0; answers.length < 20 && !over; i++) answers.push(await createPool(`drained-${i}`, `10.0.0.${i}`));
    assert.equal(await ended, 0);
    assert.deepEqual(answers, Array(20).fill(""));
  });

  it("pools are refused and Services go through", async () => {
    assert.match(await createPool("unreviewed", "10.1.0.0/24"), /failed calling webhook "ippools\.herald\.dev"/);
    assert.match(await changePool("first", { spec: { paused: true } }), /failed calling webhook/);
    assert.equal(await changePool("first", { metadata: { labels: { a: "b" } } }), "");
    assert.equal(await createService("unreviewed", { "herald.dev/addresses": "web" }), "");
  });
});
