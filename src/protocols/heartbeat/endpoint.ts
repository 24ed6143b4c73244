/**
 * Where a node hears heartbeats and its public key: the annotation `herald.dev/heartbeat` of its Lease, as JSON:
 * `{"addresses":["192.0.2.11"],"port":7474,"key":"…"}`.
 */
import { type Address, notAnAddress, parseAddress } from "../../net/address.ts";
import { specialPurpose } from "../../net/special.ts";
import { publicKeyProblem } from "./keys.ts";

/** What a node says of itself. */
export type HeartbeatEndpoint = {
  /** Its own addresses on the LANs that carry virtual addresses, at most 64. */
  readonly addresses: readonly Address[];
  /** UDP, 1 to 65535. */
  readonly port: number;
  /** Its public key, base64. */
  readonly key: string;
};

/** An endpoint, or what is wrong, beginning with the field. */
export type ParsedEndpoint = { readonly endpoint: HeartbeatEndpoint } | { readonly problem: string };

const LONGEST_TEXT = 8192;
const MOST_ADDRESSES = 64;

/** The endpoint that an annotation says; fields that are not known are of a later version and left alone. */
export function parseEndpoint(text: string): ParsedEndpoint {
  if (text.length > LONGEST_TEXT) return { problem: `expected at most ${LONGEST_TEXT} characters, not ${text.length}` };
  const fields = fieldsOf(text);
  if (fields === undefined) return { problem: "expected a JSON object" };
  const addresses = parseAddresses(fields.addresses);
  if ("problem" in addresses) return addresses;
  const { port, key } = fields;
  if (!isPort(port)) return { problem: "port: expected an integer from 1 to 65535" };
  if (typeof key !== "string") return { problem: "key: expected a string" };
  const problem = publicKeyProblem(key);
  return problem === undefined ? { endpoint: { ...addresses, port, key } } : { problem: `key: ${problem}` };
}

type Fields = { readonly addresses?: unknown; readonly port?: unknown; readonly key?: unknown };

function fieldsOf(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535;
}

function parseAddresses(value: unknown): { readonly addresses: readonly Address[] } | { readonly problem: string } {
  if (!Array.isArray(value) || value.length > MOST_ADDRESSES)
    return { problem: `addresses: expected a list of at most ${MOST_ADDRESSES}` };
  const addresses: Address[] = [];
  for (const [i, text] of value.entries()) {
    const parsed = typeof text === "string" ? parseStation(text) : { problem: "expected a string" };
    if ("problem" in parsed) return { problem: `addresses[${i}]: ${parsed.problem}` };
    addresses.push(parsed.address);
  }
  return { addresses };
}

function parseStation(text: string): { readonly address: Address } | { readonly problem: string } {
  const address = parseAddress(text);
  if (address === undefined) return { problem: notAnAddress(text) };
  const purpose = specialPurpose(address);
  if (purpose === undefined || purpose === "link-local") return { address };
  return { problem: `${text} is ${purpose}: expected the address of a station` };
}
