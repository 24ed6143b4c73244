import type { Family } from "../../net/address.ts";
import { ByteWriter } from "./byte-writer.ts";
import { addressFamilyNumber, type GracefulRestart, SAFI_UNICAST, unicastFamily } from "./message.ts";

const RESTARTING = 0x8000;
const NOTIFICATION = 0x4000;
const LONGEST_RESTART_TIME = 0x0fff;
const FORWARDING_KEPT = 0x80;
const HEADER_LENGTH = 2;
const ENTRY_LENGTH = 4;

/** The value of the capability (RFC 4724, section 3). @throws {RangeError} if the restart time does not fit */
export function encodeGracefulRestart(capability: GracefulRestart): Uint8Array {
  const { restarting, notification, restartTimeSeconds, families } = capability;
  if (restartTimeSeconds < 0 || restartTimeSeconds > LONGEST_RESTART_TIME)
    throw new RangeError(`BGP: restart time of ${restartTimeSeconds} s`);
  const writer = new ByteWriter();
  writer.uint16((restarting ? RESTARTING : 0) + (notification ? NOTIFICATION : 0) + restartTimeSeconds);
  for (const { family, forwardingKept } of families) {
    writer.uint16(addressFamilyNumber[family]);
    writer.uint8(SAFI_UNICAST);
    writer.uint8(forwardingKept ? FORWARDING_KEPT : 0);
  }
  return writer.written();
}

/** What a value says of unicast families; undefined if it is of a length that none can have. */
export function readGracefulRestart(value: Uint8Array): GracefulRestart | undefined {
  if (value.length < HEADER_LENGTH || (value.length - HEADER_LENGTH) % ENTRY_LENGTH !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const header = view.getUint16(0);
  const kept = new Map<Family, boolean>();
  for (let at = HEADER_LENGTH; at < value.length; at += ENTRY_LENGTH) {
    const family = unicastFamily(view.getUint16(at), view.getUint8(at + 2));
    if (family !== undefined) kept.set(family, (view.getUint8(at + 3) & FORWARDING_KEPT) !== 0);
  }
  return {
    restarting: (header & RESTARTING) !== 0,
    notification: (header & NOTIFICATION) !== 0,
    restartTimeSeconds: header & LONGEST_RESTART_TIME,
    families: [...kept]
      .map(([family, forwardingKept]) => ({ family, forwardingKept }))
      .sort((a, b) => a.family - b.family),
  };
}
