import type { Heartbeat } from "../announce/votes/heartbeat.ts";
import { sameAddress } from "../net/address.ts";
import type { GroupPlace, GroupPorts, HeartbeatLink } from "./group-ports.ts";
import type { GroupPeer } from "./messages.ts";

/** The way to the other members of one group, opened anew as often as it must be. */
export class GroupLink {
  readonly #group: string;
  readonly #ports: Pick<GroupPorts, "openLink" | "report">;
  readonly #onHeartbeat: (from: string, heartbeat: Heartbeat) => void;
  #link: HeartbeatLink | undefined;
  #place: GroupPlace | undefined;
  /** Whom the link knows. */
  #peers: readonly GroupPeer[] | undefined;
  #trouble = "";

  /** Not open yet. */
  constructor(
    group: string,
    ports: Pick<GroupPorts, "openLink" | "report">,
    onHeartbeat: (from: string, heartbeat: Heartbeat) => void,
  ) {
    this.#group = group;
    this.#ports = ports;
    this.#onHeartbeat = onHeartbeat;
  }

  get isOpen(): boolean {
    return this.#link !== undefined;
  }

  /** Opens it at a place, or, without one, closes it; changes nothing if it is as wanted. What fails is reported once. */
  connect(place: GroupPlace | undefined, peers: readonly GroupPeer[]): void {
    if (this.#link !== undefined && !samePlace(place, this.#place)) this.disconnect();
    try {
      if (place !== undefined) this.#open(place, peers);
      this.#tellTrouble("");
    } catch (error) {
      this.disconnect();
      this.#tellTrouble(`open heartbeats: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** What is for nobody whom it knows, or while it is closed, is lost like on the wire. */
  send(to: string, heartbeat: Heartbeat): void {
    this.#link?.send(to, heartbeat);
  }

  disconnect(): void {
    this.#link?.close();
    this.#link = undefined;
    this.#peers = undefined;
  }

  #open(place: GroupPlace, peers: readonly GroupPeer[]): void {
    this.#place = place;
    this.#link ??= this.#ports.openLink({ group: this.#group, place, onHeartbeat: this.#onHeartbeat });
    if (this.#peers !== peers) this.#link.setPeers(peers);
    this.#peers = peers;
  }

  #tellTrouble(message: string): void {
    if (message === this.#trouble) return;
    this.#trouble = message;
    if (message !== "") this.#ports.report({ kind: "trouble", about: this.#group, message });
  }
}

/** Whether two groups would listen at the same place. */
export function samePlace(a: GroupPlace | undefined, b: GroupPlace | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.interface === b.interface && sameAddress(a.address, b.address);
}
