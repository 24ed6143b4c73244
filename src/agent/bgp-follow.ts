import { parsePeer } from "../api/bgp-peer.ts";
import type { ObjectMeta } from "../api/object-meta.ts";
import type { Parsed } from "../api/problem.ts";
import { passwordIn, type SecretObject, unanswered } from "./bgp-password-answer.ts";
import type { BgpCluster, KnownNode, KnownPeer } from "./bgp-ports.ts";

/** The peer that an object describes, with as much of the object as is kept; its status is the controller's and of no interest. */
export function knownPeer({ metadata, spec }: KnownPeer["object"]): Parsed<KnownPeer> {
  const { name, uid, generation, labels } = metadata;
  const kept: ObjectMeta = {
    name,
    ...(uid !== undefined && { uid }),
    ...(generation !== undefined && { generation }),
    ...(labels && { labels }),
  };
  const object = { metadata: kept, spec };
  const parsed = parsePeer(object);
  return "value" in parsed ? { ...parsed, value: { peer: parsed.value, object } } : parsed;
}

type Store<T> = { readonly synced: boolean; values(): readonly T[]; get(name: string): T | undefined };

/** What is followed, and how a Secret is read. */
export type BgpSources = {
  readonly peers: { readonly store: Store<KnownPeer | undefined> };
  readonly nodes: { readonly store: Store<KnownNode> };
  /** The name of the own Node. */
  readonly node: string;
  /** @throws {Error} if there is none, or no decisive answer */
  readonly readSecret: (name: string) => Promise<SecretObject>;
  /** Whether an error says that there is none. */
  readonly isNotFound: (error: unknown) => boolean;
};

const deleted = "was deleted";

/** Fits what is followed to the agent; a peer whose status alone changed is the same as before. */
export function bgpCluster({ peers, nodes, node, readSecret, isNotFound }: BgpSources): BgpCluster {
  const known = new KnownPeers();
  let last: KnownNode | undefined;
  /** A Node that was read and is not there any more goes on as it was, but is about to go. */
  const ownNode = (): KnownNode | undefined => {
    const now = nodes.store.get(node);
    if (now !== undefined) last = now;
    else if (last !== undefined && last.going !== deleted) last = { ...last, going: deleted };
    return last;
  };
  return {
    read: () => {
      const own = ownNode();
      if (!peers.store.synced || own === undefined) return undefined;
      return { peers: known.read(peers.store.values()), node: own };
    },
    readPassword: async (secret) => {
      try {
        return passwordIn(secret, await readSecret(secret));
      } catch (error) {
        return isNotFound(error) ? passwordIn(secret, undefined) : unanswered(secret, error);
      }
    },
  };
}

/** Gives the same list, of the same peers, as long as none of them differs. */
class KnownPeers {
  #from: readonly (KnownPeer | undefined)[] | undefined;
  #known: ReadonlyMap<string, KnownPeer> = new Map();
  #list: readonly KnownPeer[] = [];

  read(values: readonly (KnownPeer | undefined)[]): readonly KnownPeer[] {
    if (values === this.#from) return this.#list;
    this.#from = values;
    const now = values.flatMap((each) => {
      const text = each && JSON.stringify(each.object);
      return each === undefined || text === undefined ? [] : [[text, this.#known.get(text) ?? each] as const];
    });
    this.#known = new Map(now);
    const list = now.map(([, each]) => each);
    const same = list.length === this.#list.length && list.every((each, i) => each === this.#list[i]);
    if (!same) this.#list = list;
    return this.#list;
  }
}
