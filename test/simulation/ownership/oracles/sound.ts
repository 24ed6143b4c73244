import type { Machine } from "../world/machine.ts";
import type { WitnessLease } from "../world/witness-lease.ts";
import type { World } from "../world/world.ts";

const mostLoss = 0.01;
const mostDelayMs = 10;
/** Votes for those that have left a list end so long after it. */
const listSettlesIntervals = 6;

/** A member that has just started leaves alone what belongs to one that it has not heard since. */
const startsIntervals = 20;

/** A call that was given up, and a gateway that is asked now and then. */
const answersWithinMs = 600;

/**
 * Since when (true ms) there has been a majority of the voters of which each member runs, goes by the same list and hears each
 * other both ways, in good weather, with one that may hold the address; infinite: there is none. The witness may be one of them
 * where it is free to be had.
 */
export function majoritySinceMs(world: World, address: number): number {
  const placeSinceMs = (machine: Machine): number => {
    const { name, process, agent } = machine;
    const willing = world.server.isWilling(name, address) && agent.wasWilling(address);
    if (!willing || process?.leaving === true) return Number.POSITIVE_INFINITY;
    return Math.max(agent.knowsSinceMs, waitsUntilMs(world, machine, address));
  };
  return bestSinceMs(world, (some) => Math.min(...some.map(placeSinceMs)), world.server.list.witness ? 1 : 0);
}

/** Until when the machine may wait for the owner of the address, or the one before, whom it has not heard since it started. */
function waitsUntilMs(world: World, machine: Machine, address: number): number {
  const owners = (world.server.placements[address] ?? []).slice(-2).map(({ node }) => node);
  const others = world.machines.filter(({ name }) => name !== machine.name && owners.includes(name));
  const heardMs = others.map((owner) => heardSinceMs(world, owner, machine));
  return Math.min(startsUntilMs(machine), Math.max(0, ...heardMs));
}

function heardSinceMs({ server, lan }: World, owner: Machine, by: Machine): number {
  const { name, index, runs, epoch, backSinceMs, intervalMs } = owner;
  if (!server.list.members.includes(name)) return 0;
  if (!runs || epoch.value === 0) return Number.POSITIVE_INFINITY;
  return Math.max(backSinceMs, epoch.sinceMs, lan.carriesSinceMs(index, by.index)) + 2 * intervalMs;
}

/** Until when it may take itself to be starting. */
export function startsUntilMs({ startedAtMs, intervalMs }: Machine): number {
  return startedAtMs + 1.01 * startsIntervals * intervalMs;
}

/** The same of the members alone, with this machine among them. */
export function majorityWithSinceMs(world: World, machine: Machine): number {
  return bestSinceMs(world, (some) => (some.includes(machine) ? 0 : Number.POSITIVE_INFINITY), 0);
}

/** Whether it is weather in which the windows are promised. */
export function isFair({ loss, delayMs }: ReturnType<World["lan"]["weather"]>): boolean {
  return loss <= mostLoss && delayMs <= mostDelayMs;
}

type Some = readonly Machine[];

function bestSinceMs(world: World, fitsSinceMs: (some: Some) => number, witnesses: number): number {
  if (!isFair(world.lan.weather())) return Number.POSITIVE_INFINITY;
  const { members, witness } = world.server.list;
  const needed = Math.floor((members.length + (witness ? 1 : 0)) / 2) + 1;
  let best = Number.POSITIVE_INFINITY;
  for (const some of subsets(members.flatMap((name) => world.machineOf(name) ?? []))) {
    const missing = needed - some.length;
    if (missing > witnesses) continue;
    const witnessMs = missing > 0 ? witnessSinceMs(world, some) : 0;
    best = Math.min(best, Math.max(fitsSinceMs(some), cliqueSinceMs(world, some), witnessMs));
  }
  return Math.max(best, world.lan.weatherSinceMs());
}

function cliqueSinceMs({ server, lan, longestIntervalMs }: World, some: Some): number {
  const { epoch } = server.list;
  const settlesMs = epoch === 1 ? 0 : listSettlesIntervals * longestIntervalMs;
  const since = some.flatMap((machine) => {
    if (machine.epoch.value !== epoch || !machine.runs) return [Number.POSITIVE_INFINITY];
    const links = some.filter((other) => other !== machine);
    const carried = links.map((other) => lan.carriesSinceMs(machine.index, other.index));
    return [machine.soundSinceMs, settlesMs + machine.epoch.sinceMs, ...carried];
  });
  return Math.max(0, ...since);
}

/** Since when some of these can have the witness at once, or have it: it is free, and they reach the API server and the gateway. */
function witnessSinceMs(world: World, some: Some): number {
  const { lease } = world.server;
  if (lease === undefined) return Number.POSITIVE_INFINITY;
  const namedMs = some.map(({ name }) => lease.mayTakeSinceMs.get(name) ?? Number.POSITIVE_INFINITY);
  const holder = some.find(({ name }) => name === lease.holder);
  if (lease.holder !== "" && (holder === undefined || !knowsItsLease(world, holder, lease)))
    return Number.POSITIVE_INFINITY;
  return Math.max(lease.freeSinceMs, Math.min(...namedMs), ...some.map((machine) => reachSinceMs(world, machine)));
}

/**
 * Whether a machine's process has the Lease that names it. Where somebody else has written to it since its own last write, it
 * does if it was at hand before that and has been since.
 */
function knowsItsLease(world: World, machine: Machine, { writtenVersion, touchedAtMs }: WitnessLease): boolean {
  if (machine.agent.witnessVersion !== String(writtenVersion)) return false;
  return touchedAtMs === undefined || Math.max(machine.soundSinceMs, reachSinceMs(world, machine)) <= touchedAtMs;
}

function reachSinceMs({ lan, linkOf }: World, machine: Machine): number {
  return Math.max(linkOf(machine).quickSinceMs(), lan.gatewaySinceMs(machine.index)) + answersWithinMs;
}

function* subsets(machines: readonly Machine[]): Generator<readonly Machine[]> {
  for (let mask = 1; mask < 2 ** machines.length; mask++) yield machines.filter((_, i) => (mask >> i) & 1);
}
