import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
} from "yaml";
import type { Manifest } from "./manifest.ts";

/** A place in a file; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

/** One step into an object: a field's name or an index. */
export type Path = readonly (string | number)[];

/** One YAML document of a file: its value, and where its parts stand. */
export type LocatedDocument = {
  readonly value: unknown;
  /** Where the value at a path stands; the nearest part that is there, if it is not. `key`: where its name stands. */
  readonly placeOf: (path: Path, part?: "key" | "value") => Place;
};

/** What is wrong with the YAML itself. */
export type SyntaxProblem = Place & { readonly message: string };

/** kubectl reads YAML 1.1 booleans: an unquoted `On` arrives at the API server as true. */
const kubectlBoolean: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  identify: (value) => typeof value === "boolean",
  test: /^(?:[Yy]|[Nn]|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE)$/,
  resolve: (text) => /^(?:y|yes|on|true)$/i.test(text),
};

const mostAliases = 100;

/** The documents of a YAML (or JSON) text, read as kubectl reads them; empty ones are left out. */
export function readDocuments(text: string): {
  readonly documents: readonly LocatedDocument[];
  readonly problems: readonly SyntaxProblem[];
} {
  const counter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: counter,
    merge: true,
    prettyErrors: false,
    customTags: (tags: Tags) => [kubectlBoolean, ...tags],
  });
  const documents: LocatedDocument[] = [];
  const problems: SyntaxProblem[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    problems.push(...document.errors.map(({ message, pos }) => ({ ...placeAt(counter, pos[0]), message })));
    if (document.errors.length > 0 || document.contents === null) continue;
    const value = plainValue(document);
    if ("problem" in value) problems.push({ ...placeAt(counter, document.range[0]), message: value.problem });
    else if (value.value !== null) documents.push({ ...value, placeOf: placesOf(document, counter) });
  }
  return { documents, problems };
}

function placeAt(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Aliases may make a small file a huge value; more than a hundred of one anchor are not expanded. */
function plainValue(document: Document): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) as unknown };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function placesOf(document: Document.Parsed<ParsedNode>, counter: LineCounter): LocatedDocument["placeOf"] {
  return (path, part = "value") => {
    const key = part === "key" ? keyOffset(document, path) : undefined;
    return placeAt(counter, key ?? nearestOffset(document, path));
  };
}

function nearestOffset(document: Document.Parsed<ParsedNode>, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? document.range[0];
}

function keyOffset(document: Document.Parsed<ParsedNode>, path: Path): number | undefined {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

/** The objects of a document's value: itself, or the items of a List of any kind; each with its path in the document. */
export function objectsIn(value: unknown): readonly { readonly path: Path; readonly value: unknown }[] {
  const { kind, items } = (typeof value === "object" && value !== null ? value : {}) as Manifest;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [{ path: [], value }];
  return items.flatMap((item: unknown, i) =>
    objectsIn(item).map((each) => ({ ...each, path: ["items", i, ...each.path] })),
  );
}
