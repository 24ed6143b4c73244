import type { NodeBgpSession } from "../api/vip-node.ts";
import type { Family } from "../net/address.ts";

/** The families of which an established session tells no route at all, each with why in words. */
export type Silence = ReadonlyMap<Family, string>;

/** It for people; empty: there is none. */
export function silenceText(silence: Silence): string {
  const parts = [...silence].toSorted(([a], [b]) => a - b).map(([family, why]) => `no IPv${family} routes: ${why}`);
  return parts.join("; ");
}

/** It as a VIPNode has it; undefined: there is none. */
export function silenceStatus(silence: Silence): NodeBgpSession["silent"] {
  const [ipv4, ipv6] = [silence.get(4), silence.get(6)];
  return silence.size === 0 ? undefined : { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) };
}

/** Why an established session tells no route of the family, by what its node says; undefined: nothing is said of that. */
export function silenceAbout({ silent }: Pick<NodeBgpSession, "silent">, family: Family): string | undefined {
  return family === 4 ? silent?.ipv4 : silent?.ipv6;
}
