import fc from "fast-check";
import { type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";
import type { Fields } from "../../../src/cli/manifest.ts";
import type { Edit, ObjectRef, Put } from "../../../src/cli/plan/edit.ts";

const namespaces = ["a", "b"];
const poolNames = ["p1", "p2", "p3"];
const stems = ["192.168.50.", "2001:db8::"];

/** Few addresses, so that pools overlap, fill up, and asks collide; 11 and 12 are nodes. */
const anyHost = fc.integer({ min: 5, max: 13 });

const anyAddress = fc.tuple(fc.constantFrom(...stems), anyHost).map(([stem, host]) => `${stem}${host}`);

const anyRange = fc
  .tuple(fc.constantFrom(...stems), anyHost, fc.integer({ min: 0, max: 4 }))
  .map(([stem, first, more]) => `${stem}${first}-${stem}${Math.min(13, first + more)}`);

const anyServiceRef = fc
  .tuple(fc.constantFrom(...namespaces), fc.integer({ min: 0, max: 4 }))
  .map(([namespace, i]): ObjectRef => ({ kind: "Service", namespace, name: `web-${i}` }));

const anyPoolRef = fc.constantFrom(...poolNames).map((name): ObjectRef => ({ kind: "IPPool", namespace: "", name }));

const often = <Value>(usual: Value, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });

const seldom = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  often<Value | undefined>(undefined, arbitrary);

const withoutUndefined = (fields: object): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const gold = { matchLabels: { tier: "gold" } };

const anySelection = fc.oneof(
  fc.subarray(namespaces, { minLength: 1 }).map((names) => ({ namespaces: names })),
  fc.constantFrom({ serviceSelector: gold }, { namespaceSelector: gold }),
);

const anyReuse = fc.record({
  rememberFor: fc.constantFrom("0s", "5m", "24h"),
  coolDownFor: fc.constantFrom("0s", "5m"),
  coolDown: fc.constantFrom("Prefer", "Strict"),
});

const anyReservations = fc.uniqueArray(
  fc.tuple(anyAddress, anyServiceRef).map(([address, { namespace, name }]) => ({ address, namespace, name })),
  { minLength: 1, maxLength: 2, selector: ({ address }) => address },
);

const anyPoolSpec = fc
  .record({
    addresses: fc.array(anyRange, { minLength: 1, maxLength: 3 }),
    exclude: seldom(fc.array(anyRange, { minLength: 1, maxLength: 1 })),
    order: fc.constantFrom("Ascending", "Descending"),
    automatic: often(true, fc.constant(false)),
    priority: fc.integer({ min: -1, max: 1 }),
    paused: often(false, fc.constant(true)),
    services: seldom(anySelection),
    reservations: seldom(anyReservations),
    limits: seldom(fc.record({ perNamespace: fc.integer({ min: 1, max: 3 }) })),
    reuse: seldom(anyReuse),
  })
  .map(withoutUndefined)
  .filter((spec) => "value" in parsePool({ metadata: { name: "any" }, spec } as unknown as PoolObject));

const anyPool = fc
  .tuple(anyPoolRef, anyPoolSpec)
  .map(([ref, spec]): Put => ({ ...ref, whole: false, object: { metadata: { name: ref.name }, spec } }));

const anySharing = fc
  .record({
    "herald.dev/sharing-key": fc.constantFrom("front", "back"),
    "herald.dev/share-with-namespaces": seldom(fc.constantFrom("*", "a", "b")),
  })
  .map(withoutUndefined);

const anyWish = fc
  .record({
    "herald.dev/pool": seldom(fc.constantFrom("p1", "p2", "p3", "p2,p1")),
    "herald.dev/addresses": seldom(fc.oneof(anyAddress, fc.tuple(anyAddress, anyAddress).map(String))),
  })
  .map(withoutUndefined);

const misread = fc.constantFrom({ "herald.dev/addresses": "web" }, { "herald.dev/share-with-namespaces": "*" });

const anyAnnotations = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fields>({}) },
  { weight: 6, arbitrary: anyWish },
  { weight: 4, arbitrary: anySharing },
  { weight: 2, arbitrary: fc.tuple(anyWish, anySharing).map(([wish, sharing]): Fields => ({ ...wish, ...sharing })) },
  { weight: 1, arbitrary: misread },
);

const anyFamilies = fc.constantFrom(
  {},
  {},
  {},
  {},
  { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] },
  { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"] },
  { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] },
  { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6", "IPv4"] },
  { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] },
);

const anyServiceSpec = fc
  .record({
    type: fc.oneof({ weight: 9, arbitrary: fc.constant("LoadBalancer") }, fc.constant("ClusterIP")),
    families: anyFamilies,
    loadBalancerIP: seldom(seldom(anyAddress)),
    externalTrafficPolicy: often("Cluster", fc.constant("Local")),
    ports: fc.subarray([80, 443, 53], { minLength: 1 }).map((ports) => ports.map((port) => ({ port }))),
    selector: fc.constantFrom({ app: "web" }, { app: "api" }),
  })
  .map(({ families, ...spec }) => withoutUndefined({ ...spec, ...families }));

const anyService = fc
  .tuple(anyServiceRef, anyServiceSpec, anyAnnotations, fc.constantFrom({}, { tier: "gold" }))
  .map(([ref, spec, annotations, labels]): Put => {
    const { namespace, name } = ref;
    return { ...ref, whole: false, object: { metadata: { namespace, name, labels, annotations }, spec } };
  });

const anyNamespace = fc.tuple(fc.constantFrom(...namespaces), fc.constantFrom({}, { tier: "gold" })).map(
  ([name, labels]): Put => ({
    kind: "Namespace",
    namespace: "",
    name,
    whole: false,
    object: { metadata: { name, labels } },
  }),
);

const selector = ({ kind, namespace, name }: ObjectRef): string => `${kind}/${namespace}/${name}`;

/** A cluster to begin with: pools, namespaces and Services. */
export const anyBeginning: fc.Arbitrary<Edit> = fc
  .tuple(
    fc.uniqueArray(anyPool, { minLength: 1, maxLength: 3, selector }),
    fc.uniqueArray(anyNamespace, { selector }),
    fc.uniqueArray(anyService, { minLength: 3, maxLength: 9, selector }),
  )
  .map(([pools, labelled, services]) => ({ puts: [...labelled, ...pools, ...services], deletions: [] }));

/** One to four objects that are written or deleted, and how much time has passed before, in ms. */
export const anyEdit: fc.Arbitrary<Edit & { readonly afterMs: number }> = fc
  .record({
    puts: fc.uniqueArray(
      fc.oneof(
        { weight: 4, arbitrary: anyService },
        { weight: 3, arbitrary: anyPool },
        { weight: 1, arbitrary: anyNamespace },
      ),
      { minLength: 1, maxLength: 3, selector },
    ),
    deletions: fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: anyServiceRef }, { weight: 1, arbitrary: anyPoolRef }), {
      maxLength: 2,
      selector,
    }),
    afterMs: fc.constantFrom(0, 60_000, 6 * 60_000, 25 * 3_600_000),
  })
  .map(({ puts, deletions, afterMs }) => {
    const written = new Set(puts.map(selector));
    return { puts, deletions: deletions.filter((ref) => !written.has(selector(ref))), afterMs };
  });
