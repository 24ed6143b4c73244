import { annotatedLabel } from "../../api/bgp-node-annotations.ts";
import { type PeerObject, parsePeer } from "../../api/bgp-peer.ts";
import { type PoolObject, parsePool } from "../../api/ip-pool.ts";
import { type LabelSelector, type Labels, selectorMatches } from "../../api/label-selector.ts";
import type { Parsed, Problem } from "../../api/problem.ts";
import type { ServiceObject } from "../../api/service.ts";
import { reviewService } from "../../api/service-review.ts";
import { type AdvertisementObject, parseAdvertisement } from "../../api/vip-advertisement.ts";
import { notAnAddress, parseAddress } from "../../net/address.ts";
import { fieldsOf, groupOf, type Manifest, nameOf, textOf } from "../manifest.ts";
import type { Code } from "./codes.ts";
import { formatPath, parsePath, type Remark, severityOf } from "./finding.ts";
import type { Schemas } from "./schema.ts";
import { selectorRemarks } from "./selector-rules.ts";

/** Where the checks get what does not stand in the object itself. */
export type Surroundings = {
  readonly schemas: Schemas;
  /** The names of the pools among all files. */
  readonly pools: ReadonlySet<string>;
  /** The labels of the BGPPeers among all files. */
  readonly peers: readonly Labels[];
};

/** What is found in one object, or undefined if it is of no kind that Herald reads. */
export function reviewObject(object: Manifest, surroundings: Surroundings): readonly Remark[] | undefined {
  if (groupOf(object) === "herald.dev") return reviewOwn(object, surroundings);
  if (object.apiVersion !== "v1" || object.kind !== "Service") return undefined;
  if (typeof object.metadata !== "object" || nameOf(object) === "") return nameRemarks(object);
  const { problems, warnings } = reviewService(object as unknown as ServiceObject, surroundings.pools);
  return [
    ...problems.map((problem) => remarkOf(problem, "InvalidAnnotation")),
    ...askedIpRemarks(object),
    // Without a pool among the files nothing is known of pools.
    ...(surroundings.pools.size === 0 ? [] : warnings.map((warning) => remarkOf(warning, "UnknownPool"))),
  ];
}

/** The API server takes any text here; other types and empty texts ask for nothing of Herald's. */
function askedIpRemarks({ spec }: Manifest): readonly Remark[] {
  const { type, loadBalancerIP } = fieldsOf(spec);
  const text = textOf(loadBalancerIP);
  if (type !== "LoadBalancer" || text === undefined || parseAddress(text) !== undefined) return [];
  return [{ code: "InvalidAddress", path: ["spec", "loadBalancerIP"], message: notAnAddress(text) }];
}

function reviewOwn(object: Manifest, { schemas, peers }: Surroundings): readonly Remark[] {
  const check = schemas.get(`${object.apiVersion}/${object.kind}`);
  if (check === undefined) {
    const known = [...schemas.keys()].join(", ");
    return [
      {
        code: "UnknownVersion",
        path: ["apiVersion"],
        message: `${object.apiVersion}/${object.kind} is none of ${known}`,
      },
    ];
  }
  const shape = [...nameRemarks(object), ...check(object)];
  // The parsers rely on the shape that the schema demands, not on its bounds.
  if (shape.some(({ code }) => !boundCodes.includes(code))) return shape;
  const told = new Set(shape.map(({ path }) => formatPath(path)));
  const parsed = [...selectorRemarks(object.spec, ["spec"]), ...parserRemarks(object)];
  const wrong = parsed.filter(({ code, path }) => severityOf(code) === "error" && !told.has(formatPath(path)));
  if (shape.length + wrong.length > 0) return [...shape, ...wrong];
  return [...parsed, ...peerSelectorRemarks(object, peers)];
}

/** What a schema may say of an object that can be read all the same. */
const boundCodes: readonly Code[] = ["OutOfBounds", "WrongForm", "UnknownValue", "UnknownField", "InvalidName"];

/** Without a peer among the files nothing is known of peers. */
function peerSelectorRemarks({ kind, spec }: Manifest, peers: readonly Labels[]): readonly Remark[] {
  const { peerSelector } = fieldsOf(fieldsOf(fieldsOf(spec).announcement).bgp);
  if (kind !== "IPPool" || peerSelector === undefined || peers.length === 0) return [];
  const selector = peerSelector as LabelSelector;
  if (selectorMatches(selector, annotatedLabel) || peers.some((labels) => selectorMatches(selector, labels))) return [];
  const path = ["spec", "announcement", "bgp", "peerSelector"];
  return [{ code: "UnknownPeer", path, message: "matches the labels of no BGPPeer among the files" }];
}

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestName = 253;

function nameRemarks(object: Manifest): readonly Remark[] {
  const name = nameOf(object);
  if (name === "" && textOf(fieldsOf(object.metadata).generateName) !== undefined) return [];
  if (name === "") return [{ code: "MissingField", path: ["metadata", "name"], message: "is required" }];
  if (name.length <= longestName && objectName.test(name)) return [];
  const message = `"${name}": expected lower case letters, digits, "-" and ".", at most ${longestName}`;
  return [{ code: "InvalidName", path: ["metadata", "name"], message }];
}

function parserRemarks(object: Manifest): readonly Remark[] {
  const parsed = parsedValue(object);
  if (parsed === undefined) return [];
  if ("problems" in parsed) return parsed.problems.map((problem) => remarkOf(problem, codeOf(problem)));
  return parsed.warnings.map((warning) => remarkOf(warning, "OddField"));
}

function parsedValue(object: Manifest): Parsed<unknown> | undefined {
  if (object.kind === "IPPool") return parsePool(object as unknown as PoolObject);
  if (object.kind === "BGPPeer") return parsePeer(object as unknown as PeerObject);
  if (object.kind === "VIPAdvertisement") return parseAdvertisement(object as unknown as AdvertisementObject);
  return undefined;
}

/** By where the problem is; the first that fits. */
const codesOfPaths: readonly (readonly [prefix: string, code: Code])[] = [
  ["spec.address", "InvalidAddress"],
  ["spec.exclude", "InvalidAddress"],
  ["spec.reservations", "InvalidReservation"],
  ["spec.announcement.arp.interfaces", "InvalidInterface"],
  ["spec.reuse", "InvalidDuration"],
  ["spec.sourceAddress", "InvalidAddress"],
  ["spec.holdTime", "InvalidDuration"],
  ["spec.keepaliveTime", "InvalidDuration"],
  ["spec.connectTime", "InvalidDuration"],
  ["metadata.name", "InvalidName"],
];

function codeOf({ path }: Problem): Code {
  return codesOfPaths.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "InvalidField";
}

function remarkOf({ path, message }: Problem, code: Code): Remark {
  return { code, path: parsePath(path), message };
}
