import type { World } from "../world/world.ts";
import { invariants, type Violation } from "./violation.ts";

/** What is not yet as it must be once all is calm; undefined: nothing. */
export function unrest(world: World): Violation | undefined {
  return listFault(world) ?? holderFault(world);
}

function listFault({ server, controller, machines }: World): Violation | undefined {
  const { epoch, members, witness } = server.list;
  const missing = [...controller.wanted].filter((node) => !members.includes(node));
  const others = members.filter((node) => !controller.wanted.has(node));
  if (missing.length > 0)
    return { invariant: invariants.lists, message: `${missing.join(", ")} not in ${members.join(", ")}` };
  if (others.length > 0)
    return { invariant: invariants.lists, message: `${others.join(", ")} still in ${members.join(", ")}` };
  if (witness !== (members.length % 2 === 0))
    return { invariant: invariants.lists, message: `witness ${witness}, ${members.length} members` };
  const behind = machines.find(
    ({ name, epoch: its }) => members.length > 1 && members.includes(name) && its.value !== epoch,
  );
  if (behind === undefined) return undefined;
  return { invariant: invariants.lists, message: `${behind.name} goes by epoch ${behind.epoch.value}, not ${epoch}` };
}

function holderFault({ addresses, timeline, server, machines }: World): Violation | undefined {
  for (const address of addresses.keys()) {
    const held = [...timeline.answerers(address)].map(([index, { kind }]) => ({
      name: machines[index]?.name ?? "",
      kind,
    }));
    const [only, ...more] = held;
    const right = only?.kind === "holds" && more.length === 0 && server.list.members.includes(only.name);
    const placed = server.placement(address).node;
    if (right && placed === only.name) continue;
    if (right)
      return { invariant: invariants.asked, message: `address ${address}: wanted at ${placed}, held by ${only.name}` };
    const found = held.map(({ name, kind }) => `${name} ${kind}`).join(", ");
    return { invariant: invariants.calm, message: `address ${address}: ${found || "nobody"}` };
  }
  return undefined;
}

/** Asks for every address to be somewhere else; says where. */
export function askForMoves(world: World): ReadonlyMap<number, string> {
  const { members } = world.server.list;
  const asked = new Map<number, string>();
  for (const address of world.addresses.keys()) {
    const [holder] = [...world.timeline.answerers(address).keys()];
    const at = members.indexOf(world.machines[holder ?? -1]?.name ?? "");
    const to = members[(at + 1 + (address % Math.max(1, members.length - 1))) % members.length];
    if (to === undefined) continue;
    world.controller.move(address, to, world.scheduler.nowMs);
    asked.set(address, to);
  }
  world.tellAgents();
  return asked;
}

/** The address that did not come to where it was asked to be. */
export function notMoved(world: World, asked: ReadonlyMap<number, string>): Violation | undefined {
  for (const [address, to] of asked) {
    const at = [...world.timeline.answerers(address).keys()].map((index) => world.machines[index]?.name);
    if (at.length === 1 && at[0] === to) continue;
    return {
      invariant: invariants.asked,
      message: `address ${address}: asked to ${to}, is at ${at.join(", ") || "nobody's"}`,
    };
  }
  return undefined;
}
