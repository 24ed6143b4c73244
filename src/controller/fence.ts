import type { JobResult } from "../runtime/loop.ts";
import type { ClusterWrites } from "./ports.ts";

type Write<Args extends readonly unknown[]> = (...args: Args) => Promise<JobResult>;

/**
 * The writes of a leader: once `leads` says no, nothing is sent any more and each answers "stale", in the middle of a chain
 * too. Reads and Events go on.
 */
export function fenced(writes: ClusterWrites, leads: () => boolean): ClusterWrites {
  const ifLeading =
    <Args extends readonly unknown[]>(write: Write<Args>): Write<Args> =>
    (...args) =>
      leads() ? write(...args) : Promise.resolve("stale");
  return {
    ...writes,
    createAdvertisement: ifLeading(writes.createAdvertisement),
    replaceAdvertisement: ifLeading(writes.replaceAdvertisement),
    writeAdvertisementStatus: ifLeading(writes.writeAdvertisementStatus),
    deleteAdvertisement: ifLeading(writes.deleteAdvertisement),
    patchServiceFields: ifLeading(writes.patchServiceFields),
    patchServiceStatus: ifLeading(writes.patchServiceStatus),
    writePoolStatus: ifLeading(writes.writePoolStatus),
    writePeerStatus: ifLeading(writes.writePeerStatus),
    createGroup: ifLeading(writes.createGroup),
    replaceGroup: ifLeading(writes.replaceGroup),
    deleteGroup: ifLeading(writes.deleteGroup),
    writeWitness: ifLeading(writes.writeWitness),
    deleteWitness: ifLeading(writes.deleteWitness),
    createVipNode: ifLeading(writes.createVipNode),
    deleteVipNode: ifLeading(writes.deleteVipNode),
  };
}
