import { type PoolObject, parsePool } from "../../api/ip-pool.ts";
import type { Problem } from "../../api/problem.ts";
import type { ServiceObject } from "../../api/service.ts";
import { reviewService } from "../../api/service-review.ts";
import { type AdvertisementObject, parseAdvertisement } from "../../api/vip-advertisement.ts";
import { notAnAddress, parseAddress } from "../../net/address.ts";
import { fieldsOf, groupOf, type Manifest, nameOf, textOf } from "../manifest.ts";
import type { Code } from "./codes.ts";
import { parsePath, type Remark } from "./finding.ts";
import type { Schemas } from "./schema.ts";
import { selectorRemarks } from "./selector-rules.ts";

/** Where the checks get what does not stand in the object itself. */
export type Surroundings = {
  readonly schemas: Schemas;
  /** The names of the pools among all files. */
  readonly pools: ReadonlySet<string>;
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

function reviewOwn(object: Manifest, { schemas }: Surroundings): readonly Remark[] {
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
  // The parsers rely on the shape that the schema demands.
  return shape.length > 0 ? shape : [...selectorRemarks(object.spec, ["spec"]), ...parserRemarks(object)];
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

function parsedValue(
  object: Manifest,
): ReturnType<typeof parsePool> | ReturnType<typeof parseAdvertisement> | undefined {
  if (object.kind === "IPPool") return parsePool(object as unknown as PoolObject);
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
  ["metadata.name", "InvalidName"],
];

function codeOf({ path }: Problem): Code {
  return codesOfPaths.find(([prefix]) => path.startsWith(prefix))?.[1] ?? "InvalidField";
}

function remarkOf({ path, message }: Problem, code: Code): Remark {
  return { code, path: parsePath(path), message };
}
