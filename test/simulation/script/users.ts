import { pathOf } from "../api/kinds.ts";
import type { Random } from "../random.ts";
import { namespaces, nodeNames, poolNames, serviceNames } from "./names.ts";
import { anyPool, anyPoolChange } from "./pools.ts";
import { anyAnnotations, anyService, anySpecChange } from "./services.ts";
import type { UserAct } from "./step.ts";

type Pick = (random: Random) => readonly UserAct[];

/** What users do, and how often. */
const acts: readonly (readonly [number, Pick])[] = [
  [22, (random) => [createService(random)]],
  [12, (random) => [changeService(random, { metadata: { annotations: anyAnnotations(random) } })]],
  [14, (random) => [changeService(random, { spec: anySpecChange(random) })]],
  [2, (random) => [changeService(random, { metadata: { labels: { tier: random.pick(["gold", "lead"]) } } })]],
  [2, (random) => [changeService(random, { metadata: { finalizers: null } })]],
  [14, (random) => [deleteService(random)]],
  [5, recreateService],
  [2, flipType],
  [3, (random) => [createPool(random)]],
  [8, (random) => [changePool(random)]],
  [2, (random) => [deletePool(random.pick(poolNames))]],
  [1, forcePool],
  [1, renewNamespace],
];

/** What somebody does next; several acts come at once. */
export function anyUserActs(random: Random): readonly UserAct[] {
  return random.weighted(acts)(random);
}

function anyServiceKey(random: Random): string {
  return `${random.pick(namespaces)}/${random.pick(serviceNames)}`;
}

function createService(random: Random, key = anyServiceKey(random)): UserAct {
  const [namespace = "", name = ""] = key.split("/");
  const path = `/api/v1/namespaces/${namespace}/services`;
  return { act: "user", method: "POST", path, body: anyService(random, name) };
}

function changeService(random: Random, body: object): UserAct {
  return { act: "user", method: "PATCH", path: pathOf("services", anyServiceKey(random)), body };
}

function deleteService(random: Random): UserAct {
  return { act: "user", method: "DELETE", path: pathOf("services", anyServiceKey(random)) };
}

function recreateService(random: Random): readonly UserAct[] {
  const key = anyServiceKey(random);
  return [{ act: "user", method: "DELETE", path: pathOf("services", key) }, createService(random, key)];
}

/** Away and back so fast that a watcher who is late sees only the first half. */
function flipType(random: Random): readonly UserAct[] {
  const path = pathOf("services", anyServiceKey(random));
  return ["ClusterIP", "LoadBalancer"].map((type) => ({
    act: "user",
    method: "PATCH",
    path,
    body: { spec: { type } },
  }));
}

function createPool(random: Random): UserAct {
  return { act: "user", method: "POST", path: pathOf("ippools"), body: anyPool(random, random.pick(poolNames)) };
}

function changePool(random: Random): UserAct {
  const name = random.pick(poolNames);
  return { act: "user", method: "PATCH", path: pathOf("ippools", name), body: { spec: anyPoolChange(random, name) } };
}

/** What a pool's owner does who means it: admission lets a pool in use go only so. */
function forcePool(random: Random): readonly UserAct[] {
  const name = random.pick(poolNames);
  const body = { metadata: { annotations: { "herald.dev/force": "true" } } };
  return [{ act: "user", method: "PATCH", path: pathOf("ippools", name), body }, deletePool(name)];
}

function deletePool(name: string): UserAct {
  return { act: "user", method: "DELETE", path: pathOf("ippools", name) };
}

function renewNamespace(random: Random): readonly UserAct[] {
  const name = random.pick(namespaces);
  return [
    { act: "user", method: "DELETE", path: pathOf("namespaces", name) },
    { act: "user", method: "POST", path: pathOf("namespaces"), body: { metadata: { name, labels: {} } } },
  ];
}

/** What is there before anything happens: nodes, namespaces, two pools, and the API server's own. */
export function setUpActs(random: Random): readonly UserAct[] {
  const post = (path: string, body: object): UserAct => ({ act: "user", method: "POST", path, body });
  const kubernetes = {
    metadata: { name: "kubernetes" },
    spec: {
      type: "ClusterIP",
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
      ports: [{ protocol: "TCP", port: 443 }],
    },
  };
  return [
    ...nodeNames.map((name, i) =>
      post(pathOf("nodes"), {
        metadata: { name },
        status: { addresses: [{ type: "InternalIP", address: `10.0.0.${i + 1}` }] },
      }),
    ),
    ...["default", "herald-system", ...namespaces].map((name) => post(pathOf("namespaces"), { metadata: { name } })),
    post("/api/v1/namespaces/default/services", kubernetes),
    post(pathOf("servicecidrs"), { metadata: { name: "kubernetes" }, spec: { cidrs: ["10.96.0.0/16"] } }),
    ...poolNames.slice(0, 2).map((name) => post(pathOf("ippools"), anyPool(random, name))),
    ...Array.from({ length: random.below(6) }, () => createService(random)),
  ];
}
