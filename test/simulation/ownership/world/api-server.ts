import type { GroupList, WitnessAnswer, WitnessRequest } from "../../../../src/announce/votes/member.ts";
import { WitnessLease } from "./witness-lease.ts";

/** Where an address is wanted, and since which generation of its object. */
export type Placement = { readonly node: string; readonly generation: number };

/** What the API server has about a group: its lists, where each address is wanted, who is drained, the witness Lease. */
export class ApiServer {
  readonly lists: GroupList[];
  readonly placements: Placement[][];
  /** Counts the writes to the list and the wishes. */
  version = 0;
  lease: WitnessLease | undefined;
  /** When a list was first forced, in true ms; infinite: none was. */
  firstForcedAtMs = Number.POSITIVE_INFINITY;
  readonly #unwilling = new Set<string>();
  readonly #nowMs: () => number;
  /** Of a Lease that is gone: the next one goes on from there. */
  #leaseVersion = 0;

  constructor(list: GroupList, placements: readonly string[], nowMs: () => number) {
    this.#nowMs = nowMs;
    this.lists = [list];
    this.placements = placements.map((node) => [{ node, generation: 1 }]);
    if (list.witness) this.makeLease(list.members);
  }

  /** The list as it is now. */
  get list(): GroupList {
    return last(this.lists);
  }

  /** Where it is wanted now. */
  placement(address: number): Placement {
    return last(this.placements[address] ?? []);
  }

  /** Writes the list; its epoch is the next one. */
  writeList({ members, witness, forced }: Omit<GroupList, "epoch">): void {
    if (forced) this.firstForcedAtMs = Math.min(this.firstForcedAtMs, this.#nowMs());
    this.lists.push({ members, witness, forced, epoch: this.list.epoch + 1 });
    this.version++;
  }

  /** Writes where the address is wanted. */
  place(address: number, node: string): void {
    this.placements[address]?.push({ node, generation: this.placement(address).generation + 1 });
    this.version++;
  }

  /** Writes whether the node may hold the address. */
  allow(node: string, address: number, willing: boolean): void {
    if (willing) this.#unwilling.delete(`${node}/${address}`);
    else this.#unwilling.add(`${node}/${address}`);
    this.version++;
  }

  /** Whether the node may hold it. */
  isWilling(node: string, address: number): boolean {
    return !this.#unwilling.has(`${node}/${address}`);
  }

  /** Serves a call for the witness Lease, if there is one. */
  witness(request: WitnessRequest, by: string): WitnessAnswer {
    return this.lease?.serve(request, by, this.#nowMs()) ?? { id: request.id, kind: "failed" };
  }

  /** Makes the witness Lease, held by nobody; these may take it. */
  makeLease(members: readonly string[]): void {
    this.lease = new WitnessLease(members, this.#leaseVersion + 1, this.#nowMs());
  }

  /** Writes into it who may take it. */
  nameInLease(members: readonly string[]): void {
    this.lease?.name(members, this.#nowMs());
  }

  /** Somebody else writes to it. */
  touchLease(): void {
    this.lease?.touch(this.#nowMs());
  }

  deleteLease(): void {
    this.#leaseVersion = this.lease?.version ?? this.#leaseVersion;
    this.lease = undefined;
  }
}

function last<Each>(list: readonly Each[]): Each {
  const found = list.at(-1);
  if (found === undefined) throw new Error("the list is empty");
  return found;
}
