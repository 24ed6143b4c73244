import type { WitnessAnswer, WitnessRequest } from "../announce/votes/inputs.ts";

/** A group's witness Lease as it was last read or written; `object` is all of it, for the next write. */
export type WitnessLease<Stored> = {
  readonly holder: string;
  readonly resourceVersion: string;
  readonly object: Stored;
};

/** Reads and writes witness Leases, each call once and within a short time. */
export type WitnessApi<Stored> = {
  /** @throws if there is none, or no answer */
  read(group: string): Promise<WitnessLease<Stored>>;
  /** Undefined: another has written it since. @throws if there is no decisive answer */
  write(group: string, before: Stored, holder: string): Promise<WitnessLease<Stored> | undefined>;
};

type LeaseObject = {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec?: { readonly holderIdentity?: string };
};

/** What a Lease that was read or written says. */
export function witnessOf<Stored extends LeaseObject>(object: Stored): WitnessLease<Stored> {
  return { holder: object.spec?.holderIdentity ?? "", resourceVersion: object.metadata.resourceVersion, object };
}

const witnessLeaseSeconds = 3;

/** The Lease to write so that it is this holder's since `now`, a time of metav1.MicroTime, or nobody's. */
export function heldLease<Stored extends LeaseObject>(before: Stored, holder: string, now: string) {
  const taken = before.spec?.holderIdentity === holder ? {} : { acquireTime: now };
  const times = { renewTime: now, leaseDurationSeconds: witnessLeaseSeconds };
  return { ...before, spec: { ...before.spec, ...taken, ...times, holderIdentity: holder } };
}

/** Carries out the witness requests of this node's groups; a write goes over exactly what the last answer showed. */
export class WitnessClerk<Stored> {
  readonly #node: string;
  readonly #api: WitnessApi<Stored>;
  readonly #known = new Map<string, WitnessLease<Stored>>();

  constructor(node: string, api: WitnessApi<Stored>) {
    this.#node = node;
    this.#api = api;
  }

  /** What became of a request; never rejects. */
  async ask(group: string, request: WitnessRequest): Promise<WitnessAnswer> {
    const { id } = request;
    try {
      if (request.kind === "get") return await this.#read(group, id);
      const before = this.#known.get(group);
      if (before?.resourceVersion !== request.resourceVersion) return { id, kind: "conflict" };
      return await this.#write(group, request, before);
    } catch {
      return { id, kind: "failed" };
    }
  }

  async #read(group: string, id: number): Promise<WitnessAnswer> {
    const lease = await this.#api.read(group);
    this.#known.set(group, lease);
    return { id, kind: "found", holder: lease.holder, resourceVersion: lease.resourceVersion };
  }

  async #write(group: string, { id, kind }: WitnessRequest, before: WitnessLease<Stored>): Promise<WitnessAnswer> {
    const lease = await this.#api.write(group, before.object, kind === "empty" ? "" : this.#node);
    if (lease === undefined) return { id, kind: "conflict" };
    this.#known.set(group, lease);
    return { id, kind: "written", resourceVersion: lease.resourceVersion };
  }
}
