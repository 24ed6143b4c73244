import type { Random } from "../random.ts";
import { namespaces, serviceNames } from "./names.ts";

/** What each pool can cover: few addresses, so that they run out, and none that another pool can cover too. */
const grounds: Readonly<Record<string, { readonly four: string; readonly six: string }>> = {
  alpha: { four: "10.0.1.", six: "fd00:1::1:" },
  beta: { four: "10.0.2.", six: "fd00:1::2:" },
  gamma: { four: "10.0.3.", six: "fd00:1::3:" },
};

/** An address that some pool may cover, or none does. */
export function anyAddress(random: Random): string {
  const { four, six } = random.pick(Object.values(grounds));
  return `${random.chance(0.75) ? four : six}${random.below(9)}`;
}

type Spec = Readonly<Record<string, unknown>>;

function anyAddresses(random: Random, name: string): readonly string[] {
  const { four = "", six = "" } = grounds[name] ?? {};
  const first = random.below(3);
  const last = first + 1 + random.below(6);
  const inFour = `${four}${first}-${four}${last}`;
  const inSix = `${six}${first}-${six}${last}`;
  return random.weighted([
    [5, [inFour, inSix]],
    [4, [inFour]],
    [1, [inSix]],
  ]);
}

const changeMakers: readonly (readonly [number, (random: Random, name: string) => Spec])[] = [
  [5, (random, name) => ({ addresses: anyAddresses(random, name) })],
  [2, (random, name) => ({ exclude: random.chance(0.5) ? [`${grounds[name]?.four}${random.below(8)}`] : null })],
  [2, (random) => ({ paused: random.chance(0.4) })],
  [1, (random) => ({ automatic: random.chance(0.7) })],
  [1, (random) => ({ priority: random.below(3) })],
  [2, (random) => ({ services: anySelection(random) })],
  [2, (random, name) => ({ reservations: anyReservations(random, name) })],
  [2, (random) => ({ limits: random.chance(0.7) ? { perNamespace: 1 + random.below(4) } : null })],
  [2, (random) => ({ reuse: anyReuse(random) })],
];

/** A change of a pool's spec, as a merge patch. */
export function anyPoolChange(random: Random, name: string): Spec {
  return random.weighted(changeMakers)(random, name);
}

function anySelection(random: Random): Spec | null {
  return random.pick([
    null,
    { namespaces: [random.pick(namespaces)], serviceSelector: null },
    { serviceSelector: { matchLabels: { tier: "gold" } }, namespaces: null },
  ]);
}

function anyReservations(random: Random, name: string): readonly object[] | null {
  if (random.chance(0.3)) return null;
  const address = `${grounds[name]?.four}${random.below(6)}`;
  return [{ address, namespace: random.pick(namespaces), name: random.pick(serviceNames) }];
}

function anyReuse(random: Random): Spec | null {
  return random.pick([
    null,
    { rememberFor: "2m", coolDownFor: "20s", coolDown: "Prefer" },
    { rememberFor: "30s", coolDownFor: "1m", coolDown: "Strict" },
    { rememberFor: "0s", coolDownFor: "0s", coolDown: "Prefer" },
  ]);
}

/** A pool as somebody writes it. */
export function anyPool(random: Random, name: string): object {
  const extras = random.chance(0.5) ? anyPoolChange(random, name) : {};
  const short = { rememberFor: "2m", coolDownFor: "20s", coolDown: "Prefer" };
  const spec = { reuse: short, ...present(extras), addresses: anyAddresses(random, name) };
  return { metadata: { name }, spec };
}

function present(spec: Spec): Spec {
  const given = Object.entries(spec).filter(([, value]) => value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, isSpec(value) ? present(value) : value]));
}

function isSpec(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
