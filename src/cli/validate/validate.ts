import { type BgpPeer, type PeerObject, parsePeer } from "../../api/bgp-peer.ts";
import { sameSessions } from "../../api/bgp-peer-review.ts";
import { type Pool, type PoolObject, parsePool } from "../../api/ip-pool.ts";
import { overlapProblems } from "../../api/pool-overlap.ts";
import type { Parsed } from "../../api/problem.ts";
import type { SourceFile } from "../files.ts";
import { fieldsOf, labelsOf, type Manifest, nameOf, namespaceOf, textOf, titleOf } from "../manifest.ts";
import { type LocatedDocument, objectsIn, type Path, readDocuments } from "../yaml-documents.ts";
import { type Finding, formatPath, parsePath, type Remark, severityOf } from "./finding.ts";
import { reviewObject } from "./object-review.ts";
import type { Schemas } from "./schema.ts";

/** What was found, and how much was looked at. */
export type Validation = {
  readonly findings: readonly Finding[];
  readonly checked: number;
  /** Objects of kinds that Herald does not read, by `kind.group`. */
  readonly skipped: Readonly<Record<string, number>>;
};

/** An object of a file. */
type Found = {
  readonly file: string;
  readonly document: LocatedDocument;
  readonly path: Path;
  readonly object: Manifest;
};

/** Checks everything in the files, each object by itself and then all of them together. */
export function validate(sources: readonly SourceFile[], schemas: Schemas): Validation {
  const read = sources.map(({ path, text }) => ({ file: path, ...readDocuments(text) }));
  const syntax = read.flatMap(({ file, problems }) =>
    problems.map(
      (problem): Finding => ({ file, ...problem, code: "InvalidYaml", severity: "error", object: "", path: "" }),
    ),
  );
  const found = read.flatMap(({ file, documents }) => documents.flatMap((document) => objectsOf(file, document)));
  const pools = found.filter(({ object }) => isOwn(object, "IPPool"));
  const peers = found.filter(({ object }) => isOwn(object, "BGPPeer"));
  const surroundings = {
    schemas,
    pools: new Set(pools.map(({ object }) => nameOf(object))),
    peers: peers.map(({ object }) => labelsOf(fieldsOf(object.metadata).labels)),
  };
  const reviewed = found.map((each) => ({
    each,
    remarks: isObject(each.object) ? reviewObject(each.object, surroundings) : notAnObject,
  }));
  const own = reviewed.flatMap(({ each, remarks = [] }) => remarks.map((remark) => located(each, remark)));
  const skipped = reviewed.filter(({ remarks }) => remarks === undefined).map(({ each }) => kindOf(each.object));
  return {
    findings: [...syntax, ...own, ...duplicates(found), ...overlaps(pools), ...peerConflicts(peers)].sort(byPlace),
    checked: found.length - skipped.length,
    skipped: Object.fromEntries(
      [...new Set(skipped)].map((kind) => [kind, skipped.filter((each) => each === kind).length]),
    ),
  };
}

function objectsOf(file: string, document: LocatedDocument): readonly Found[] {
  return objectsIn(document.value).map(({ path, value }) => ({ file, document, path, object: fieldsOf(value) }));
}

const notAnObject: readonly Remark[] = [{ code: "NotAnObject", path: [], message: "has no apiVersion and kind" }];

function isObject({ apiVersion, kind }: Manifest): boolean {
  return textOf(apiVersion) !== undefined && textOf(kind) !== undefined;
}

function isOwn({ apiVersion, kind }: Manifest, wanted: "IPPool" | "BGPPeer"): boolean {
  return kind === wanted && (textOf(apiVersion) ?? "").startsWith("herald.dev/");
}

function kindOf({ apiVersion, kind }: Manifest): string {
  const [group, version] = (textOf(apiVersion) ?? "").split("/");
  return version === undefined ? `${kind}` : `${kind}.${group}`;
}

function located({ file, document, path, object }: Found, { code, path: below, message, at }: Remark): Finding {
  const place = document.placeOf([...path, ...below], at);
  const title = isObject(object) ? titleOf(object) : "";
  return { file, ...place, code, severity: severityOf(code), object: title, path: formatPath(below), message };
}

/** The same object a second time: `kubectl apply` would take the last, whatever the first says. */
function duplicates(found: readonly Found[]): readonly Finding[] {
  const first = new Map<string, Found>();
  return found.flatMap((each) => {
    const { object } = each;
    if (nameOf(object) === "" || !isObject(object)) return [];
    const key = `${kindOf(object)} ${namespaceOf(object)}/${nameOf(object)}`;
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, each);
      return [];
    }
    const { line } = before.document.placeOf(before.path);
    return [
      located(each, {
        code: "DuplicateObject",
        path: ["metadata", "name"],
        message: `is also in ${before.file}:${line}`,
      }),
    ];
  });
}

/** Of each two pools that overlap, the later one: admission would refuse it. */
function overlaps(found: readonly Found[]): readonly Finding[] {
  const before: Pool[] = [];
  return found.flatMap((each) => {
    const pool = readable(() => parsePool(each.object as unknown as PoolObject));
    if (pool === undefined) return [];
    const problems = overlapProblems(pool, before);
    before.push(pool);
    return problems.map(({ message }) => located(each, { code: "PoolsOverlap", path: ["spec", "addresses"], message }));
  });
}

/** Of each two peers with the same session, the later one: admission would refuse it. */
function peerConflicts(found: readonly Found[]): readonly Finding[] {
  const before: BgpPeer[] = [];
  return found.flatMap((each) => {
    const peer = readable(() => parsePeer(each.object as unknown as PeerObject));
    if (peer === undefined) return [];
    const problems = sameSessions(peer, before, []);
    before.push(peer);
    return problems.map(({ path, message }) =>
      located(each, { code: "PeersConflict", path: parsePath(path), message }),
    );
  });
}

/** An object whose schema is not kept may be anything. */
function readable<Value>(parse: () => Parsed<Value>): Value | undefined {
  try {
    const parsed = parse();
    return "value" in parsed ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
