import { type Address, formatAddress } from "../net/address.ts";
import {
  type AddressRange,
  formatRange,
  mergeRanges,
  parseRange,
  rangeSize,
  rangesOverlap,
  subtractRanges,
} from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import { type Announcement, parseAnnouncement } from "./announcement.ts";
import type { Override } from "./announcement-override.ts";
import { aggregateRemarks } from "./bgp-announcement.ts";
import type { Condition } from "./condition.ts";
import type { Ipv4 as CountsObject, Services, Spec, StatusObject } from "./generated/ippool-v1beta1.ts";
import type { LabelSelector } from "./label-selector.ts";
import { identity, type ObjectMeta } from "./object-meta.ts";
import { parseReservations, reservationProblems } from "./pool-reservations.ts";
import { parseReuse } from "./pool-reuse.ts";
import type { Parsed, Problem } from "./problem.ts";

/** An IPPool as the planners see it. */
export type Pool = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /** What it may give: sorted, disjoint, both families; `exclude` and `skipEnds` are already taken out. */
  readonly ranges: readonly AddressRange[];
  /** What `addresses` covers before anything is taken out: sorted, disjoint. */
  readonly covered: readonly AddressRange[];
  /** Never an IPv4 address that ends in .0 or .255; not taken out of `ranges`, because of a /8 that would be 130,000 holes. */
  readonly avoidBuggyIPs: boolean;
  readonly order: "Ascending" | "Descending";
  readonly automatic: boolean;
  readonly priority: number;
  readonly paused: boolean;
  readonly services: ServiceSelection;
  /** Nobody else gets these addresses, also before those Services exist; each address once. */
  readonly reservations: readonly Reservation[];
  /** How many addresses of the pool the Services of one namespace may hold; absent: any number. */
  readonly perNamespace?: number;
  readonly reuse: Reuse;
  readonly announcement: Announcement;
  /** What of it a Service may set by annotation; absent: nothing. */
  readonly allowOverrides?: ReadonlySet<Override>;
  readonly status: PoolStatus;
};

/** An address that is kept for one Service. */
export type Reservation = { readonly address: Address; readonly namespace: string; readonly name: string };

/** What becomes of an address after its Service. */
export type Reuse = {
  /** How long a Service of the same namespace and name gets it back, in ms; 0: not at all. */
  readonly rememberForMs: number;
  /** How long it shall rest, in ms; 0: not at all. */
  readonly coolDownForMs: number;
  /** Prefer: resting addresses are given last. Strict: never. */
  readonly coolDown: "Prefer" | "Strict";
};

/** Which Services a pool admits: all given parts must match. */
export type ServiceSelection = {
  readonly namespaces?: ReadonlySet<string>;
  readonly namespaceSelector?: LabelSelector;
  readonly serviceSelector?: LabelSelector;
};

/** What the controller last wrote about a pool. */
export type PoolStatus = {
  readonly observedGeneration?: number;
  /** The addresses in short, as `poolSummary` gives them. */
  readonly summary?: string;
  readonly ipv4?: PoolCounts;
  readonly ipv6?: PoolCounts;
  readonly conditions: readonly Condition[];
};

/** Counts of one family; totals are decimal strings, because an IPv6 pool exceeds a number. */
export type PoolCounts = {
  readonly total: string;
  /** Held by Services. */
  readonly allocated: number;
  /** `45/48`: what could be given now, of the total. */
  readonly free: string;
  /** Released a moment ago, and resting. */
  readonly cooling: number;
  /** Reserved, and held by nobody. */
  readonly reserved: number;
};

/** An IPPool as the API server has it. */
export type PoolObject = { readonly metadata: ObjectMeta; readonly spec: Spec; readonly status?: StatusObject };

/** The pool that an object describes, or everything that is wrong with it. */
export function parsePool({ metadata, spec, status }: PoolObject): Parsed<Pool> {
  const addresses = parseEntries(spec.addresses, "spec.addresses");
  const exclude = parseEntries(spec.exclude ?? [], "spec.exclude");
  const { announcement, problems } = parseAnnouncement(spec.announcement, "spec.announcement");
  const { reservations, problems: unread } = parseReservations(spec.reservations ?? [], reservationsPath);
  const { reuse, problems: unreadable } = parseReuse(spec.reuse, "spec.reuse");
  const allProblems = [...addresses.problems, ...exclude.problems, ...unread, ...unreadable, ...problems];
  if (allProblems.length > 0) return { problems: allProblems };
  const covered = mergeRanges(addresses.entries.map(({ range }) => range));
  const holes = [...exclude.entries.map(({ range }) => range), ...(spec.skipEnds ? ends(addresses.entries) : [])];
  const pool: Pool = {
    ...identity(metadata),
    generation: metadata.generation ?? 0,
    ranges: subtractRanges(covered, mergeRanges(holes)),
    covered,
    ...parseSettings(spec),
    reservations,
    reuse,
    announcement,
    status: parsePoolStatus(status),
  };
  const aggregates = aggregation(pool);
  const impossible = [...reservationProblems(pool, reservationsPath), ...aggregates.problems];
  if (impossible.length > 0) return { problems: impossible };
  const odd = [
    ...addresses.warnings,
    ...exclude.warnings,
    ...oddities(pool, exclude.entries, addresses.entries),
    ...aggregates.warnings,
  ];
  return { value: pool, warnings: odd };
}

const reservationsPath = "spec.reservations";

function aggregation({ announcement: { bgp }, covered }: Pool): ReturnType<typeof aggregateRemarks> {
  if (bgp === undefined) return { problems: [], warnings: [] };
  return aggregateRemarks(bgp, covered, "spec.announcement.bgp.aggregate");
}

type Settings = Pick<
  Pool,
  "avoidBuggyIPs" | "order" | "automatic" | "priority" | "paused" | "services" | "perNamespace" | "allowOverrides"
>;

/** What is taken as it is written, with the defaults of the schema. */
function parseSettings(spec: Spec): Settings {
  const { perNamespace } = spec.limits ?? {};
  return {
    avoidBuggyIPs: spec.avoidBuggyIPs ?? false,
    order: spec.order ?? "Ascending",
    automatic: spec.automatic ?? true,
    priority: spec.priority ?? 0,
    paused: spec.paused ?? false,
    services: parseSelection(spec.services),
    ...(perNamespace !== undefined && { perNamespace }),
    ...(spec.allowOverrides?.length && { allowOverrides: new Set(spec.allowOverrides) }),
  };
}

/** One entry of `addresses` or `exclude`. */
type Entry = { readonly path: string; readonly range: AddressRange; readonly cidr: boolean };

type Entries = {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
};

function parseEntries(texts: readonly string[], field: string): Entries {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [i, text] of texts.entries()) {
    const path = `${field}[${i}]`;
    const parsed = parseRange(text);
    if ("problem" in parsed) {
      problems.push({ path, message: parsed.problem });
      continue;
    }
    entries.push({ path, range: parsed.range, cidr: text.includes("/") });
    if (parsed.hostBits)
      warnings.push({ path, message: `${text} has host bits, taken as ${formatRange(parsed.range)}` });
  }
  return { entries, problems, warnings };
}

/** The first and last address of each IPv4 CIDR that is shorter than /31. */
function ends(entries: readonly Entry[]): readonly AddressRange[] {
  return entries
    .filter(({ range, cidr }) => cidr && range.first.family === 4 && rangeSize(range) > 2n)
    .flatMap(({ range: { first, last } }) => [
      { first, last: first },
      { first: last, last },
    ]);
}

/** What a person hardly meant, though it harms nobody. */
function oddities(pool: Pool, exclude: readonly Entry[], addresses: readonly Entry[]): readonly Problem[] {
  const outside = exclude
    .filter(({ range }) => !pool.covered.some((covered) => rangesOverlap(covered, range)))
    .map(({ path, range }) => ({ path, message: `${formatRange(range)} lies outside the pool's addresses` }));
  const unusable = addresses.flatMap(({ path, range }) => {
    const end = [range.first, range.last].find((address) => specialPurpose(address) !== undefined);
    if (end === undefined) return [];
    return [{ path, message: `${formatAddress(end)} is never given: ${specialPurpose(end)}` }];
  });
  const empty = pool.ranges.length === 0 ? [{ path: "spec.exclude", message: "leaves no address in the pool" }] : [];
  return [...outside, ...unusable, ...empty];
}

function parseSelection({ namespaces, ...selectors }: Services = {}): ServiceSelection {
  return namespaces === undefined ? selectors : { ...selectors, namespaces: new Set(namespaces) };
}

const widestSummary = 60;

/** What a pool covers, for a column: as many ranges as 60 characters hold, at least one, and how many more there are. */
export function poolSummary({ covered }: Pick<Pool, "covered">): string {
  const texts = covered.map(formatRange);
  let shown = texts.length;
  const text = (): string =>
    texts.slice(0, shown).join(", ") + (shown < texts.length ? ` (+${texts.length - shown})` : "");
  while (shown > 1 && text().length > widestSummary) shown--;
  return text();
}

/** What the controller last wrote about a pool, whether the pool itself can be read or not. */
export function parsePoolStatus({ addresses = {}, conditions = [], ...rest }: StatusObject = {}): PoolStatus {
  const { ipv4, ipv6 } = addresses;
  return { ...rest, ...(ipv4 && { ipv4: parseCounts(ipv4) }), ...(ipv6 && { ipv6: parseCounts(ipv6) }), conditions };
}

/** A status of before those counts were written has none of them. */
function parseCounts({ cooling = 0, reserved = 0, ...counts }: CountsObject): PoolCounts {
  return { ...counts, cooling, reserved };
}

/** The `status` of an IPPool to write. */
export function poolStatusObject({ observedGeneration, summary, conditions, ...addresses }: PoolStatus): StatusObject {
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  return { ...generation, ...(summary !== undefined && { summary }), addresses, conditions: [...conditions] };
}
