import type { GroupList, WitnessAnswer, WitnessRequest } from "../../../../src/announce/votes/member.ts";

/** Where an address is wanted, and since which generation of its object. */
export type Placement = { readonly node: string; readonly generation: number };

/** What the API server has about a group: its lists, where each address is wanted, who is drained, the witness Lease. */
export class ApiServer {
  readonly lists: GroupList[];
  readonly placements: Placement[][];
  /** Counts the writes to the list and the wishes. */
  version = 0;
  witnessHolder = "";
  /** When the witness Lease came to be free, before whoever has it now took it, in true ms; if it was taken from another: when. */
  witnessFreeSinceMs = 0;
  witnessVersion = 1;
  readonly #unwilling = new Set<string>();
  readonly #nowMs: () => number;

  constructor(list: GroupList, placements: readonly string[], nowMs: () => number) {
    this.#nowMs = nowMs;
    this.lists = [list];
    this.placements = placements.map((node) => [{ node, generation: 1 }]);
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
  writeList(list: Omit<GroupList, "epoch">): void {
    this.lists.push({ ...list, epoch: this.list.epoch + 1 });
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

  /** Serves a call for the witness Lease: a write must name the version that it goes by; without a witness there is no Lease, and only members write it. */
  witness(request: WitnessRequest, by: string): WitnessAnswer {
    const { id } = request;
    if (!this.list.witness) return { id, kind: "failed" };
    if (request.kind !== "get" && !this.list.members.includes(by)) return { id, kind: "conflict" };
    const resourceVersion = String(this.witnessVersion);
    if (request.kind === "get") return { id, kind: "found", holder: this.witnessHolder, resourceVersion };
    if (request.resourceVersion !== resourceVersion) return { id, kind: "conflict" };
    const holder = request.kind === "empty" ? "" : by;
    const changes = request.kind === "empty" || request.kind === "take";
    if (this.witnessHolder !== "" && changes) this.witnessFreeSinceMs = this.#nowMs();
    this.witnessHolder = holder;
    this.witnessVersion++;
    return { id, kind: "written", resourceVersion: String(this.witnessVersion) };
  }
}

function last<Each>(list: readonly Each[]): Each {
  const found = list.at(-1);
  if (found === undefined) throw new Error("the list is empty");
  return found;
}
