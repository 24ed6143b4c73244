import { formatAddress } from "../net/address.ts";
import { formatMac, type Mac, parseMac } from "../net/mac.ts";
import type { Endpoint } from "./ports.ts";

/** More a node will not have on its LANs; the rest is ignored. */
const mostMacs = 64;

/** The text of the annotation `herald.dev/heartbeat`: the fields of src/protocols/heartbeat/endpoint.ts, and `macs`. */
export function endpointText({ addresses, port, key, macs }: Endpoint): string {
  return JSON.stringify({ addresses: addresses.map(formatAddress), port, key, macs: macs.map(formatMac) });
}

/** The hardware addresses in such a text; what is none is left out. */
export function macsOf(text: string): readonly Mac[] {
  const { macs } = JSON.parse(text) as { readonly macs?: unknown };
  if (!Array.isArray(macs)) return [];
  return macs.slice(0, mostMacs).flatMap((each: unknown) => (typeof each === "string" ? (parseMac(each) ?? []) : []));
}
