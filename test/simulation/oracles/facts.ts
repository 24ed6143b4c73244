import { objectName, parseAddress } from "../../../src/net/address.ts";
import {
  keyOf,
  type LedgerObject,
  type MemberObject,
  type PoolObject,
  type ServiceObject,
  type VipNodeObject,
} from "../api/object.ts";
import { controllerPrefix } from "../api/rules.ts";
import type { ApiServer } from "../api/server.ts";
import type { StoredChange } from "../api/storage.ts";
import type { Variant } from "../script/step.ts";
import { asksOf, isHandled, shownAnnotation, shownIngress } from "./demand.ts";

const names = new Map<string, string>();

/** The name of an address's object. */
export function vipName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    const address = parseAddress(text);
    name = address === undefined ? "" : objectName(address);
    names.set(text, name);
  }
  return name;
}

function listed(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(",").map((each) => each.trim());
}

function isSix(address: string): boolean {
  return address.includes(":");
}

/** The members of an address. */
export function membersOf(vip: LedgerObject | undefined): readonly MemberObject[] {
  return vip?.spec.services ?? [];
}

/** Nothing that a controller knows is older, whatever befell its watches. */
export const longestLagMs = 60_000;

/** What is true in the API server, and what of its past the invariants speak of. */
export class Facts {
  readonly variant: Variant;
  nowMs = 0;
  /** A controller's wall clock was wrong: what is remembered until when is anybody's guess. */
  wallWasWrong = false;
  readonly #server: ApiServer;
  readonly #everHandled = new Set<string>();
  /** By name: the ledger's object while it was announced, and until when. */
  readonly #announced = new Map<string, { readonly uid: string; readonly untilMs: number }>();
  readonly #given = new Map<string, string>();
  readonly #uidsOf = new Map<string, readonly string[]>();
  /** By reader, Service and uid: when it was read last as gone or wanting nothing. */
  readonly #unwantingMs = new Map<string, number>();
  readonly #changedMs = new Map<string, number>();
  readonly #undone = new Map<string, number>();

  constructor(server: ApiServer, variant: Variant) {
    this.#server = server;
    this.variant = variant;
    server.onRead = ({ by, plural, key }) => {
      if (plural !== "services") return;
      const found = server.storage.get("services", key) as ServiceObject | undefined;
      for (const uid of this.#uidsOf.get(key) ?? [])
        if (!isHandled(found) || found.metadata.uid !== uid) this.#unwantingMs.set(`${by} ${uid}`, this.nowMs);
    };
  }

  services(): Iterable<ServiceObject> {
    return this.#server.storage.all("services").values() as Iterable<ServiceObject>;
  }

  ledger(): Iterable<LedgerObject> {
    return this.#server.storage.all("vipadvertisements").values() as Iterable<LedgerObject>;
  }

  pools(): Iterable<PoolObject> {
    return this.#server.storage.all("ippools").values() as Iterable<PoolObject>;
  }

  #nodes(): readonly VipNodeObject[] {
    return [...this.#server.storage.all("vipnodes").values()] as VipNodeObject[];
  }

  pool(name: string | undefined): PoolObject | undefined {
    return this.#server.storage.get("ippools", name ?? "") as PoolObject | undefined;
  }

  service(namespace: string, name: string): ServiceObject | undefined {
    return this.#server.storage.get("services", keyOf({ namespace, name })) as ServiceObject | undefined;
  }

  vip(address: string): LedgerObject | undefined {
    return this.#server.storage.get("vipadvertisements", vipName(address)) as LedgerObject | undefined;
  }

  /** Whether the ledger has the address for this Service. */
  holds(uid: string, address: string): boolean {
    return membersOf(this.vip(address)).some((member) => member.uid === uid);
  }

  /** Whether Herald was ever to serve this very Service. */
  wasHandled(uid: string): boolean {
    return this.#everHandled.has(uid);
  }

  /**
   * Whether a node has said that it announces the address since the ledger has had it, or not long before: between two
   * owners it may never fall silent.
   */
  wasAnnounced(address: string): boolean {
    const vip = this.vip(address);
    const announced = vip && this.#announced.get(vip.metadata.name);
    if (vip === undefined || announced === undefined) return false;
    if (this.#nodes().some(({ status }) => (status?.announcing ?? []).some((each) => each.addresses.includes(address))))
      return true;
    return announced.uid === vip.metadata.uid || this.nowMs - announced.untilMs < longestLagMs;
  }

  /** Whether a Service is said to have an address and wants the same as when it was told so. */
  wants(service: ServiceObject, address: string): boolean {
    if (!isHandled(service) || !shownAnnotation(service).includes(address)) return false;
    if (this.#sharesOnOtherTerms(service, address) || this.#asksForAnother(service, address)) return false;
    return this.#given.get(`${service.metadata.uid} ${address}`) === asksOf(service);
  }

  /** Who shares an address and takes his key away, or another, is the one who moves, though he may want what he once wanted. */
  #sharesOnOtherTerms({ metadata }: ServiceObject, address: string): boolean {
    const members = membersOf(this.vip(address));
    const recorded = members.find(({ uid }) => uid === metadata.uid);
    return members.length > 1 && (recorded?.key ?? "") !== (metadata.annotations?.["herald.dev/sharing-key"] ?? "");
  }

  /** Who names pools or addresses asks for one of them, also where he was told of another while his ask was on its way. */
  #asksForAnother({ metadata: { annotations = {} } }: ServiceObject, address: string): boolean {
    const pools = listed(annotations["herald.dev/pool"]);
    const asked = listed(annotations["herald.dev/addresses"]).filter((each) => isSix(each) === isSix(address));
    const others = (names: readonly string[], own: string): boolean => names.length > 0 && !names.includes(own);
    return others(pools, this.vip(address)?.spec.pool ?? "") || others(asked, address);
  }

  /**
   * Whether Herald may have left what it writes into the Service alone as contested: two controllers that do not elect may
   * quarrel, and a user who switches the type to and fro undoes it as often as one who fights. The next start ends that.
   */
  isContested({ metadata, status }: ServiceObject): boolean {
    if (this.variant.election && (this.#undone.get(metadata.uid) ?? 0) < 3) return false;
    return (status?.conditions ?? []).some(({ reason }) => reason === "FieldContested");
  }

  /** Whether this account has asked for the Service not long ago, and was told that it is gone or wants nothing. */
  sawItUnwanting(by: string, { metadata }: ServiceObject): boolean {
    const readMs = this.#unwantingMs.get(`${by} ${metadata.uid}`);
    return readMs !== undefined && this.nowMs - readMs < longestLagMs;
  }

  /** For how long an object (`ippools/alpha`) has been as it is, or gone, in ms. */
  unchangedMs(what: string): number {
    return this.nowMs - (this.#changedMs.get(what) ?? 0);
  }

  /** Takes in what has happened, before the invariants look at it. */
  note(change: StoredChange): void {
    const { plural, key, type, object, before, by } = change;
    if (plural === "services") this.#noteService(change);
    if (plural === "vipadvertisements" && type !== "MODIFIED") this.#changedMs.set(`${plural}/${key}`, this.nowMs);
    if (plural === "ippools" && !by.startsWith(controllerPrefix)) this.#changedMs.set(`${plural}/${key}`, this.nowMs);
    if (plural !== "vipnodes") return;
    this.#noteAnnounced(before as VipNodeObject | undefined, this.nowMs);
    if (type !== "DELETED") this.#noteAnnounced(object as VipNodeObject, Number.POSITIVE_INFINITY);
  }

  #noteService({ object, before, type, by }: StoredChange): void {
    const service = object as ServiceObject;
    const { uid } = service.metadata;
    if (type === "DELETED") return;
    if (isHandled(service)) this.#everHandled.add(uid);
    if (type === "ADDED")
      this.#uidsOf.set(keyOf(service.metadata), [...(this.#uidsOf.get(keyOf(service.metadata)) ?? []), uid]);
    if (!by.startsWith(controllerPrefix)) {
      this.#noteUndone(before as ServiceObject | undefined, service);
      return;
    }
    const known = before === undefined ? [] : shownAnnotation(before as ServiceObject);
    for (const address of shownAnnotation(service))
      if (!known.includes(address)) this.#given.set(`${uid} ${address}`, asksOf(service));
  }

  #noteUndone(before: ServiceObject | undefined, after: ServiceObject): void {
    const { uid } = after.metadata;
    const undone =
      before !== undefined &&
      ((shownIngress(before).length > 0 && shownIngress(after).length === 0) ||
        (shownAnnotation(before).length > 0 && shownAnnotation(after).length === 0) ||
        before.spec.loadBalancerIP !== after.spec.loadBalancerIP);
    if (undone) this.#undone.set(uid, (this.#undone.get(uid) ?? 0) + 1);
  }

  #noteAnnounced(node: VipNodeObject | undefined, untilMs: number): void {
    for (const { addresses } of node?.status?.announcing ?? []) {
      for (const address of addresses) {
        const uid = this.vip(address)?.metadata.uid ?? "";
        this.#announced.set(vipName(address), { uid, untilMs });
      }
    }
  }
}
