import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseListenAddress } from "../../../src/runtime/health.ts";
import { type Manifest, manifests } from "./manifests.ts";

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};
type Role = Manifest & { readonly rules: readonly Rule[] };

const roles = manifests<Role>("deploy").filter(({ kind }) => kind === "ClusterRole" || kind === "Role");

function rightsOf(name: string): readonly string[] {
  return roles
    .filter(({ metadata }) => metadata.name === name)
    .flatMap(({ metadata, rules }) =>
      rules.flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${metadata.namespace ?? ""}`.trim())),
      ),
    );
}

describe("rights", () => {
  it("name what they are for: no wildcard anywhere", () => {
    assert.equal(roles.length, 8);
    assert.doesNotMatch(JSON.stringify(roles), /\*/);
  });

  it("to write are few for an agent", () => {
    const writes = rightsOf("herald-agent").filter((right) => !/^(get|list|watch) /.test(right));
    assert.deepEqual(writes, ["update vipnodes/status", "create leases herald-system", "update leases herald-system"]);
  });

  it("to write are none for admission but its empty store", () => {
    const writes = rightsOf("herald-admission").filter((right) => !/^(get|list|watch) /.test(right));
    assert.deepEqual(writes, ["create peprstores pepr-system", "patch peprstores pepr-system"]);
  });

  it("to escalate are nobody's, and to read Secrets are an agent's, of the namespace of BGP passwords and one by one", () => {
    const all = [...new Set(roles.map(({ metadata }) => metadata.name))].flatMap(rightsOf);
    assert.deepEqual(
      all.filter((right) =>
        /secrets|impersonate|escalate|bind|roles|serviceaccounts|pods|webhook|policies/.test(right),
      ),
      ["get secrets herald-bgp"],
    );
  });
});

type Webhook = {
  readonly name: string;
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly sideEffects: string;
};

const webhooks = manifests<Manifest & { webhooks: readonly Webhook[] }>("deploy").flatMap(({ kind, webhooks: all }) =>
  kind === "ValidatingWebhookConfiguration" ? all : [],
);

it("each webhook gets the certificate, by the commands to install and to upgrade", () => {
  const readme = readFileSync(new URL("../../../deploy/README.md", import.meta.url), "utf8");
  const loops = [...readme.matchAll(/^for i in ([\d ]+); do kubectl patch/gm)].map(([, indices]) => indices);
  const all = [...webhooks.keys()].join(" ");
  assert.deepEqual(loops, [all, all]);
});

it("a webhook that is down stops pools and peers, never Services", () => {
  const facts = webhooks.map(({ name, failurePolicy, timeoutSeconds, sideEffects }) =>
    [name, failurePolicy, timeoutSeconds, sideEffects].join(" "),
  );
  assert.deepEqual(facts, [
    "ippools.herald.dev Fail 5 None",
    "bgppeers.herald.dev Fail 5 None",
    "services.herald.dev Ignore 1 None",
  ]);
});

type Container = {
  readonly command: readonly string[];
  readonly env?: readonly { readonly name?: string }[];
  readonly securityContext: {
    readonly readOnlyRootFilesystem: boolean;
    readonly allowPrivilegeEscalation: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
};
type Workload = Manifest & {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly Container[];
        readonly tolerations?: readonly object[];
      };
    };
  };
};

describe("workloads", () => {
  const workloads = manifests<Workload>("deploy").filter(({ kind }) => kind === "Deployment" || kind === "DaemonSet");

  it("run one command each under the account of that name", () => {
    const facts = workloads.map(({ metadata, spec: { template } }) => {
      const [container] = template.spec.containers;
      const command = container?.command ?? [];
      const started = command.slice(0, command.indexOf("src/main.ts") + 2);
      return [metadata.name, template.spec.serviceAccountName, ...started].join(" ");
    });
    assert.deepEqual(facts, [
      "herald-controller herald-controller node src/main.ts controller",
      "herald-admission herald-admission node src/main.ts admission",
      "herald-agent herald-agent node --optimize-for-size --single-threaded-gc src/main.ts agent",
    ]);
  });

  it("S33: Given a cluster whose cloud provider has not initialised a node, Then its agent is scheduled there: it tolerates every taint", () => {
    const agent = workloads.find(({ kind }) => kind === "DaemonSet");
    assert.deepEqual(agent?.spec.template.spec.tolerations, [{ operator: "Exists" }]);
  });

  it("serve a controller's metrics and health at its Pod's address, of either family", () => {
    const [controller] = workloads[0]?.spec.template.spec.containers ?? [];
    const option = controller?.command.find((each) => each.startsWith("--metrics-address=")) ?? "";
    const podIp = controller?.env?.find(({ name }) => name === "POD_IP");
    assert.deepEqual(podIp, { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } });
    for (const host of ["10.244.1.7", "fd00:10:244::7"])
      assert.deepEqual(parseListenAddress(option.replace("$(POD_IP)", host).split("=")[1] ?? ""), { host, port: 7475 });
  });

  it("have no more of the kernel's capabilities than they use", () => {
    const contexts = workloads.flatMap(({ spec }) => spec.template.spec.containers.map((each) => each.securityContext));
    assert.deepEqual(
      contexts.map(({ capabilities: { drop, add = [] } }) => `-${drop} +${add}`),
      ["-ALL +", "-ALL +", "-ALL +NET_RAW,NET_ADMIN,NET_BIND_SERVICE,SYS_NICE"],
    );
    assert.ok(contexts.every((each) => each.readOnlyRootFilesystem && !each.allowPrivilegeEscalation));
  });
});
