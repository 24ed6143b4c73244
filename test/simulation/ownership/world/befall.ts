import type { Act, MachineAct, Step } from "../script/step.ts";
import type { World } from "./world.ts";

type Of<Kind extends Act["act"]> = Extract<Act, { readonly act: Kind }>;

const onLan = (world: World, act: Of<"weather" | "cut" | "port" | "partition" | "gateway">): void =>
  world.lan.befall(act);

const onMachine = (world: World, act: Of<MachineAct["act"]>): void => world.machines[act.node]?.befall(act);

const table: { readonly [Kind in Act["act"]]: (world: World, act: Of<Kind>) => void } = {
  weather: onLan,
  cut: onLan,
  port: onLan,
  partition: onLan,
  gateway: onLan,
  stop: onMachine,
  halt: onMachine,
  kill: onMachine,
  replace: onMachine,
  terminate: onMachine,
  relist: onMachine,
  pace: onMachine,
  api: (world, { node, how, forMs }) => {
    const links = node === "all" ? [...world.links, world.controllerLink] : [world.links[node]];
    for (const link of links) link?.befall(how, forMs);
  },
  late: (world, { node, forMs }) => world.machines[node]?.agent.beLate(forMs),
  stale: (world, { node, what, back }) => world.machines[node]?.agent.showAgain(what, back),
  move: (world, { address, node }) => {
    world.controller.move(address, nameOf(world, node), world.scheduler.nowMs);
    world.tellAgents();
  },
  drain: (world, { node, forMs }) => {
    drain(world, node, false);
    world.scheduler.silently(forMs, () => drain(world, node, true));
  },
  join: (world, { node }) => void world.controller.wanted.add(nameOf(world, node)),
  part: (world, { node }) => {
    if (world.controller.wanted.size > 1) world.controller.wanted.delete(nameOf(world, node));
  },
  witness: (world, { wanted }) => {
    world.controller.witnessWanted = wanted;
  },
  touch: ({ server }) => server.touchLease(),
  foreign: (world, { address, nodes }) => {
    for (const node of nodes) world.hearForeign(node, address);
  },
};

/** Has it happen. */
export function befall<Kind extends Act["act"]>(world: World, { afterMs: _, ...act }: Step): void {
  world.note(JSON.stringify(act));
  const happens = table[act.act] as (world: World, act: Of<Kind>) => void;
  happens(world, act as Of<Kind>);
}

/** Everything that befell it is over. */
export function becomeCalm(world: World): void {
  world.note("from now on all is calm");
  world.lan.becomeCalm();
  for (const link of [...world.links, world.controllerLink]) link.becomeCalm();
  world.controller.witnessWanted = undefined;
  for (const machine of world.machines) {
    machine.agent.becomeCalm();
    machine.becomeCalm();
    drain(world, machine.index, true);
  }
}

function drain(world: World, node: number, willing: boolean): void {
  const machine = world.machines[node];
  if (machine === undefined) return;
  for (const address of world.addresses.keys()) {
    if (world.server.isWilling(machine.name, address) !== willing) world.allow(machine, address, willing);
  }
}

function nameOf(world: World, node: number): string {
  return world.machines[node]?.name ?? "";
}
