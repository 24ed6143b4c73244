import { decodeFrame, encodeFrame, etherType } from "../linux/ethernet.ts";
import type { NetworkState } from "../linux/interfaces.ts";
import { SystemCallError } from "../linux/libc.ts";
import { routerFilter } from "../linux/packet-filter.ts";
import type { PacketSocket, PacketSocketOptions } from "../linux/packet-socket.ts";
import { type Address, sameAddress } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { MalformedPacketError } from "../protocols/malformed-packet.ts";
import { allNodesGroup, multicastMac } from "../protocols/ndp/frames.ts";
import {
  allRoutersGroup,
  decodeRouterAdvertisement,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
} from "../protocols/ndp/router-messages.ts";

/** What the search for routers asks of the world. */
export type RouterPorts = {
  /** See `openPacketSocket`. */
  readonly openSocket: (options: PacketSocketOptions) => PacketSocket;
  readonly network: () => NetworkState;
  readonly now: () => number;
  /** Asks for a turn soon. */
  readonly wake: () => void;
  /** A frame that no decoder accepted was dropped. */
  readonly malformed: () => void;
  /** The kernel did not take a frame. */
  readonly sendFailed: () => void;
};

/** A link that can be searched: the device, and this node's link-local address on it. */
export type RouterLinkPlace = { readonly index: number; readonly mac: Mac; readonly own: Address };

/** As seldom as FRR advertises itself to an unnumbered neighbour. */
const ADVERTISE_MS = 10_000;
/** RTR_SOLICITATION_INTERVAL (RFC 4861, 10). */
const SOLICIT_MS = 4_000;
/** The least time between two advertisements, whatever is heard. */
const PAUSE_MS = 1_000;
/** A router with which no session comes up for so long gives way to another that is heard. */
const CHANCE_MS = 30_000;

const never = Number.POSITIVE_INFINITY;

/** One interface on which a router is looked for: says that this node is there, and hears who else is. */
export class RouterLink {
  readonly place: RouterLinkPlace;
  readonly #ports: RouterPorts;
  readonly #socket: PacketSocket;
  readonly #isUsed: () => boolean;
  #router: Address | undefined;
  /** Since when the router has its chance: it was chosen, or the session with it was lost. */
  #chanceSinceMs = Number.NEGATIVE_INFINITY;
  #wasUsed = false;
  #advertisedAtMs = Number.NEGATIVE_INFINITY;
  #advertiseAtMs: number;
  #solicitAtMs: number;

  /** `isUsed`: whether a session with the router that is known stands. @throws {SystemCallError} EPERM without CAP_NET_RAW */
  constructor(place: RouterLinkPlace, ports: RouterPorts, isUsed: () => boolean) {
    this.place = place;
    this.#ports = ports;
    this.#isUsed = isUsed;
    this.#advertiseAtMs = ports.now();
    this.#solicitAtMs = ports.now();
    this.#socket = ports.openSocket({
      interfaceIndex: place.index,
      etherType: etherType.ipv6,
      filter: routerFilter,
      onFrame: (bytes) => this.#received(bytes),
    });
  }

  /** The router's link-local address; undefined: none was heard. */
  get router(): Address | undefined {
    return this.#router;
  }

  /** Sends what is due; to be called also when a session comes up or goes. */
  turn(nowMs: number): void {
    this.#lookAtUse(nowMs);
    const { own, mac } = this.place;
    if (nowMs >= this.#advertiseAtMs) {
      this.#advertisedAtMs = nowMs;
      this.#advertiseAtMs = nowMs + ADVERTISE_MS;
      this.#send(allNodesGroup, encodeRouterAdvertisement(own, mac));
    }
    if (nowMs >= this.#solicitAtMs) {
      this.#solicitAtMs = this.#router === undefined ? nowMs + SOLICIT_MS : never;
      this.#send(allRoutersGroup, encodeRouterSolicitation(own, mac));
    }
  }

  wakeAtMs(): number {
    return Math.min(this.#advertiseAtMs, this.#solicitAtMs);
  }

  close(): void {
    this.#socket.close();
  }

  #received(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame === undefined) return;
    try {
      this.#heard(decodeRouterAdvertisement(frame.payload));
    } catch (error) {
      if (!(error instanceof MalformedPacketError)) throw error;
      this.#ports.malformed();
    }
  }

  #heard(router: Address): void {
    const { now, wake } = this.#ports;
    const nowMs = now();
    if (sameAddress(router, this.place.own)) return;
    this.#lookAtUse(nowMs);
    const isKnown = this.#router !== undefined && sameAddress(router, this.#router);
    const isFree = this.#router === undefined || nowMs - this.#chanceSinceMs >= CHANCE_MS;
    if (!isKnown && !isFree) return;
    if (!isKnown) this.#chanceSinceMs = nowMs;
    this.#router = router;
    this.#solicitAtMs = never;
    // It may have begun anew, and takes no connection from one that it has not heard.
    this.#advertiseAtMs = Math.min(this.#advertiseAtMs, Math.max(nowMs, this.#advertisedAtMs + PAUSE_MS));
    wake();
  }

  /** A router whose session is lost has its chance again. */
  #lookAtUse(nowMs: number): void {
    const isUsed = this.#isUsed();
    if (isUsed || this.#wasUsed) this.#chanceSinceMs = nowMs;
    this.#wasUsed = isUsed;
  }

  /** What the kernel does not take is lost like a frame on the wire: it is sent again. */
  #send(group: Address, payload: Uint8Array): void {
    const { mac } = this.place;
    try {
      this.#socket.send(
        encodeFrame({ destination: multicastMac(group), source: mac, etherType: etherType.ipv6, payload }),
      );
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      this.#ports.sendFailed();
    }
  }
}
