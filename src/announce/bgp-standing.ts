import type { BgpPeer } from "../api/bgp-peer.ts";
import { drainedCondition } from "../api/vip-node.ts";
import type { Family } from "../net/address.ts";
import { audienceKey, type Hearer, hearers } from "./bgp-hearers.ts";
import { type Candidate, hasReported, ineligibility, isGone, type Vip } from "./eligibility.ts";
import { misplacement } from "./misplacement.ts";
import type { IneligibilityReason, Ineligible, Misplacement } from "./reason.ts";

/**
 * How a node stands to an address that is announced by BGP. Eligible: it may have it. Unsure: it keeps it and gets nothing new,
 * because whether it lives is not known yet, or because its agent is being replaced while routers keep its routes. Leaving: it
 * is being drained, and withdraws by itself once routers have turned away. Closed: a state of its Node that is respected keeps
 * addresses away; it keeps what nobody else can take.
 */
export type Role = "eligible" | "unsure" | "leaving" | "closed";

/** What time has told of sessions, each by `sessionKey`. */
export type SessionTimes = {
  /** Not established, or established and silent about a family (with that in the key), for so long that this is no hiccup. */
  readonly mute: ReadonlySet<string>;
  /** Established for so long that others which came back at the same time have had time to do so too. */
  readonly steady: ReadonlySet<string>;
};

/** How all nodes stand to an address. */
export type Standing = {
  /** By name; who is not there may not have it. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Those with the role eligible, in order of the candidates. */
  readonly eligible: readonly string[];
  /** Nodes of which every session is mute by which the address would be told. */
  readonly mute: ReadonlySet<string>;
  /** Nodes of which one of these sessions is steady. */
  readonly steady: ReadonlySet<string>;
  /**
   * While some nodes are closed and others can do without them: all that announce what is on every node, dead ones too, so that
   * it does not change with who lives; sorted.
   */
  readonly open?: readonly string[];
  /** What keeps a node from being eligible, in words; undefined: nothing that is known. */
  readonly obstacle: (name: string) => string | undefined;
  /** Why no node can announce it. */
  readonly misplaced?: Misplacement;
};

/** What standings depend on. */
export type StandingView = {
  readonly candidates: readonly Candidate[];
  readonly peers: readonly BgpPeer[];
  /** Absent: nothing is known of how long sessions have been as they are. */
  readonly sessions?: SessionTimes;
};

/** The name of a node's session with a peer among the names of all sessions; with a family, of what it tells of that alone. */
export function sessionKey(node: string, peer: string, family?: Family): string {
  return family === undefined ? `${node} ${peer}` : `${node} ${peer} IPv${family}`;
}

/** How the nodes stand to an address; made once for all that are alike in what it depends on. */
export function standings(view: StandingView): (vip: Vip) => Standing {
  const made = new Map<string, Standing>();
  return (vip) => {
    const key = audienceKey(vip);
    const standing = made.get(key) ?? standingFor(vip, view);
    made.set(key, standing);
    return standing;
  };
}

type Judged = {
  readonly name: string;
  readonly candidate: Candidate;
  readonly no: Ineligible | undefined;
  readonly heardBy: readonly Hearer[];
};

function standingFor(vip: Vip, { candidates, peers, sessions }: StandingView): Standing {
  const judged = candidates.map((candidate): Judged => {
    const heardBy = hearers(candidate, vip, peers);
    return { name: candidate.vipNode.name, candidate, no: ineligibility(candidate, vip), heardBy };
  });
  const roles = new Map(judged.flatMap((each) => withRole(each)));
  const heard = judged.filter(({ heardBy }) => heardBy.length > 0);
  const has = (times: ReadonlySet<string> | undefined, { name, heardBy }: Judged): readonly boolean[] =>
    heardBy.map(({ peer }) =>
      [undefined, vip.address.family].some((family) => times?.has(sessionKey(name, peer, family)) === true),
    );
  const open = openNodes(judged, roles);
  const misplaced = nowhere(judged, roles);
  return {
    roles,
    eligible: judged.map(({ name }) => name).filter((name) => roles.get(name) === "eligible"),
    mute: new Set(heard.filter((each) => has(sessions?.mute, each).every(Boolean)).map(({ name }) => name)),
    steady: new Set(heard.filter((each) => has(sessions?.steady, each).some(Boolean)).map(({ name }) => name)),
    ...(open && { open }),
    obstacle: obstacles(judged),
    ...(misplaced && { misplaced }),
  };
}

function withRole(judged: Judged): readonly (readonly [name: string, role: Role])[] {
  const role = roleOf(judged);
  return role === undefined ? [] : [[judged.name, role]];
}

function roleOf(judged: Judged): Role | undefined {
  const { candidate, no, heardBy } = judged;
  if (no !== undefined) {
    const unfit = rolesOfUnfit[no.reason];
    return unfit?.keeps(judged) === true ? unfit.role : undefined;
  }
  if (heardBy.length === 0) return undefined;
  return candidate.liveness === "unknown" ? "unsure" : "eligible";
}

/** A role that a node has in spite of what keeps it from announcing, and whether it still announces anything. */
type Unfit = { readonly role: Role; readonly keeps: (judged: Judged) => boolean };

const closed: Unfit = {
  role: "closed",
  keeps: ({ candidate, heardBy }) => !isGone(candidate.liveness) && heardBy.length > 0,
};

const rolesOfUnfit: Readonly<Partial<Record<IneligibilityReason, Unfit>>> = {
  AgentUnknown: { role: "unsure", keeps: () => true },
  AgentLeaving: {
    role: "unsure",
    keeps: ({ candidate, heardBy }) => !isGoing(candidate) && heardBy.some(({ keepsRoutes }) => keepsRoutes),
  },
  Draining: { role: "leaving", keeps: ({ candidate }) => !isGone(candidate.liveness) && !isDrained(candidate) },
  Cordoned: closed,
  OutOfService: closed,
};

/** Whether it is seen by its Node that no agent comes back soon: one that ends there leaves nothing with its routers. */
function isGoing({ node }: Candidate): boolean {
  return node?.going !== undefined;
}

function isDrained({ vipNode: { conditions } }: Candidate): boolean {
  return conditions.some(({ type, status }) => type === drainedCondition && status === "True");
}

/** What keeps a node from announcing whether its agent lives or not. */
const shut: ReadonlySet<IneligibilityReason> = new Set([
  "NodeGone",
  "NodeExcluded",
  "NodeNotSelected",
  "Cordoned",
  "OutOfService",
]);

function openNodes(judged: readonly Judged[], roles: ReadonlyMap<string, Role>): readonly string[] | undefined {
  const all = [...roles.values()];
  if (!all.includes("closed") || !all.some((role) => role === "eligible" || role === "unsure")) return undefined;
  const mayAnnounce = ({ candidate, no, heardBy }: Judged): boolean =>
    heardBy.length > 0 && !isDrained(candidate) && (no === undefined || !shut.has(no.reason));
  return judged
    .filter(mayAnnounce)
    .map(({ name }) => name)
    .toSorted();
}

/** One that is only unsure, but has been heard of, is believed to go on. */
function nowhere(judged: readonly Judged[], roles: ReadonlyMap<string, Role>): Misplacement | undefined {
  const goesOn = ({ name, candidate: { vipNode }, heardBy }: Judged): boolean =>
    roles.get(name) === "eligible" || (roles.get(name) === "unsure" && heardBy.length > 0 && hasReported(vipNode));
  if (judged.some(goesOn)) return undefined;
  const fit = judged.filter(({ no }) => no === undefined).map(({ name }) => name);
  if (fit.length === 0) return misplacement(judged.flatMap(({ no }) => no ?? []));
  return { reason: "NoEligibleNode", message: unheardFrom(fit.slice(0, 4)) };
}

function obstacles(judged: readonly Judged[]): Standing["obstacle"] {
  const named = new Map(judged.map((each) => [each.name, each]));
  return (name) => {
    const found = named.get(name);
    if (found === undefined) return `no agent runs on ${name}`;
    return found.no?.message ?? (found.heardBy.length > 0 ? undefined : unheardFrom([name]));
  };
}

function unheardFrom(names: readonly string[]): string {
  return `no BGPPeer hears of the address from ${names.join(", ")}`;
}
