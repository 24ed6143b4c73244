import { isGone } from "../announce/eligibility.ts";
import { viewOf, votes } from "../announce/group-facts.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressMapKey } from "./address-text.ts";
import { Lasting } from "./lasting.ts";
import type { AddressState, NodeReport } from "./node-reports.ts";

/** After a failure the ledger follows the votes once the new holder has answered for so long. */
const followMs = 2_000;

/** Where nothing has failed, a holder that is not the one wanted is let be for so long: a planned move takes a moment. */
const patienceMs = 30_000;

/** The votes find a new holder within a second; so long they are given before the controller decides for them. */
const votingMs = 5_000;

/** What time tells of addresses whose node failed or is not where they are. */
export type HandoversNow = {
  /** By the key of an address: the node that it has gone to. */
  readonly follow: ReadonlyMap<string, string>;
  /** Nodes that failed just now. */
  readonly waiting: ReadonlySet<string>;
  readonly changesInMs: readonly (number | undefined)[];
};

/** What the nodes say, and which members of groups are lonely; see `lonelyMembers`. */
export type Reported = { readonly reports: ReadonlyMap<string, NodeReport>; readonly lonely: ReadonlySet<string> };

/** Notices that addresses have gone to other nodes by votes, on one monotonic clock in ms. */
export class Handovers {
  readonly #failed = new Lasting(followMs);
  readonly #unasked = new Lasting(patienceMs);
  readonly #failing = new Lasting(votingMs);

  /** What is known now of the addresses that are held, but not where they are wanted. */
  at(
    moving: readonly Advertisement[],
    states: ReadonlyMap<string, AddressState>,
    { reports, lonely }: Reported,
    nowMs: number,
  ): HandoversNow {
    const gone = moving.map((advertisement) => ({
      key: addressMapKey(advertisement.address),
      to: states.get(advertisement.name)?.holder ?? "",
      version: `${advertisement.name} ${advertisement.generation} ${states.get(advertisement.name)?.holder}`,
      failed: hasFailed(advertisement, reports.get(advertisement.node), lonely),
    }));
    const failed = this.#failed.at(
      gone.filter((each) => each.failed).map(({ version }) => version),
      nowMs,
    );
    const unasked = this.#unasked.at(
      gone.map(({ version }) => version),
      nowMs,
    );
    const followed = gone.filter(({ version }) => failed.has(version) || unasked.has(version));
    const failures = [
      ...[...reports.values()].flatMap(failuresOf),
      ...[...lonely].map((version) => ({ node: version.slice(version.indexOf(" ") + 1), version })),
    ];
    const old = this.#failing.at(
      failures.map(({ version }) => version),
      nowMs,
    );
    return {
      follow: new Map(followed.map(({ key, to }) => [key, to])),
      waiting: new Set(failures.filter(({ version }) => !old.has(version)).map(({ node }) => node)),
      changesInMs: [this.#failed, this.#unasked, this.#failing].map((each) => each.changesInMs(nowMs)),
    };
  }
}

/** Whether the node where an address is wanted cannot hold it: its agent is gone, or has lost the others. */
function hasFailed(
  { group, node }: Advertisement,
  report: NodeReport | undefined,
  lonely: ReadonlySet<string>,
): boolean {
  if (report === undefined || isEnding(report)) return true;
  if (lonely.has(`${group} ${node}`)) return true;
  return votes(report.of) && viewOf({ name: group }, report.of)?.quorum !== true;
}

function isEnding({ liveness }: Pick<NodeReport, "liveness">): boolean {
  return isGone(liveness) || liveness === "leaving";
}

/** What speaks against a node that votes, each with a name of its own, so that a new failure is told from an old one. */
function failuresOf({
  of: node,
  liveness,
}: NodeReport): readonly { readonly node: string; readonly version: string }[] {
  if (!votes(node)) return [];
  const agent = isEnding({ liveness }) ? ["agent"] : [];
  const interfaces = node.interfaces.filter(({ up }) => !up).map(({ name }) => name);
  return [...agent, ...interfaces].map((what) => ({ node: node.name, version: `${node.name} ${what}` }));
}
