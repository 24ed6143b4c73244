import { type Address, addressKey, formatAddress, notAnAddress, parseAddress } from "../net/address.ts";
import { sortedRangesContain } from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import type { Reservation as ReservationObject } from "./generated/ippool-v1beta1.ts";
import type { Pool, Reservation } from "./ip-pool.ts";
import type { Problem } from "./problem.ts";

type Entry = { readonly path: string; readonly reservation: Reservation };

/** The reservations of a list at a path, and a problem for each whose address is none. */
export function parseReservations(
  objects: readonly ReservationObject[],
  path: string,
): { readonly reservations: readonly Reservation[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const entries: Entry[] = [];
  for (const [i, { address: text, namespace, name }] of objects.entries()) {
    const address = parseAddress(text);
    const at = `${path}[${i}].address`;
    if (address === undefined) problems.push({ path: at, message: notAnAddress(text) });
    else entries.push({ path: at, reservation: { address, namespace, name } });
  }
  problems.push(...repeated(entries));
  return { reservations: entries.map(({ reservation }) => reservation), problems };
}

function repeated(entries: readonly Entry[]): readonly Problem[] {
  const firsts = new Map<string, string>();
  return entries.flatMap(({ path, reservation: { address } }) => {
    const key = addressKey(address);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, path);
    return first === undefined ? [] : [{ path, message: `${formatAddress(address)} is already reserved by ${first}` }];
  });
}

/** What a reservation is compared with. */
type Giving = Pick<Pool, "ranges" | "covered" | "avoidBuggyIPs" | "reservations">;

/** For each reservation at a path whose address the pool never gives: why. Nobody could ever get it. */
export function reservationProblems(pool: Giving, path: string): readonly Problem[] {
  return pool.reservations.flatMap(({ address }, i) => {
    const why = neverGiven(pool, address);
    return why === undefined ? [] : [{ path: `${path}[${i}].address`, message: `${formatAddress(address)} ${why}` }];
  });
}

function neverGiven({ ranges, covered, avoidBuggyIPs }: Giving, address: Address): string | undefined {
  if (!sortedRangesContain(covered, address)) return "lies outside the pool's addresses";
  if (!sortedRangesContain(ranges, address)) return "is never given: excluded, or an end that skipEnds takes out";
  if (avoidBuggyIPs && endsIn0Or255(address)) return "is never given: avoidBuggyIPs takes it out";
  const purpose = specialPurpose(address);
  return purpose && `is never given: ${purpose}`;
}

function endsIn0Or255({ family, value }: Address): boolean {
  const octet = value & 0xffn;
  return family === 4 && (octet === 0n || octet === 0xffn);
}
