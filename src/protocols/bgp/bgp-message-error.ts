import { MalformedPacketError } from "../malformed-packet.ts";
import type { Notification } from "./message.ts";
import { notificationOf, type notificationReason } from "./notification-codes.ts";

/** A received message is so wrong that the session ends; it says what to tell the peer. */
export class BgpMessageError extends MalformedPacketError {
  /** Its data are never more than was received. */
  readonly notification: Notification;

  constructor(reason: keyof typeof notificationReason, message: string, data?: Uint8Array) {
    super(`BGP: ${message}`);
    this.notification = notificationOf(reason, data);
  }
}
