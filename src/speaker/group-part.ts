import type { Heartbeat } from "../announce/votes/heartbeat.ts";
import { Member, type Memory, type News, type Wish, type WitnessAnswer } from "../announce/votes/member.ts";
import { type Address, addressKey } from "../net/address.ts";
import { formatMac, type Mac } from "../net/mac.ts";
import { GroupGateway } from "./group-gateway.ts";
import { GroupLink } from "./group-link.ts";
import type { GroupPlace, GroupPorts } from "./group-ports.ts";
import { HeartbeatMeter } from "./heartbeat-meter.ts";
import type { Given } from "./holdings.ts";
import { LeaseLimit } from "./lease-limit.ts";
import type { AnnounceCommand, GroupCommand, GroupPeer, GroupReport, PeerCounters } from "./messages.ts";

/** A member that was not heard for so many intervals is a reason for unrest. */
const UNHEARD_INTERVALS = 1.5;

/** This node's part in one group: the votes, the way to the other members, and what is kept of it. */
export class GroupPart {
  readonly name: string;
  readonly #ports: GroupPorts;
  readonly #member: Member;
  readonly #wishes = new Map<string, Wish>();
  readonly #given = new Map<string, Address>();
  readonly #meter: HeartbeatMeter;
  readonly #gateway: GroupGateway;
  readonly #lease: LeaseLimit;
  readonly #link: GroupLink;
  #command: GroupCommand;
  #memberMacs: ReadonlySet<string> = new Set();
  #wished = false;
  #wishesChanged = true;
  #stored = -1;
  #quorum = false;
  /** Whether the last heartbeats asked for an answer, because acknowledgements are late. */
  #asking = false;
  #heardNodes: readonly string[] = [];
  #reported = "";
  #reportDue = true;

  /** Takes up what the last process of this node left of the very same group. */
  constructor(command: GroupCommand, ports: GroupPorts) {
    const { leaseDurationMs, ...settings } = ports.settings;
    this.name = command.name;
    this.#ports = ports;
    this.#command = command;
    this.#lease = new LeaseLimit(leaseDurationMs);
    this.#meter = new HeartbeatMeter(settings.intervalMs);
    this.#gateway = new GroupGateway(settings.intervalMs, ports.gateway);
    this.#link = new GroupLink(command.name, ports, (from, heartbeat) => this.#heard(from, heartbeat));
    const kept = ports.state.read(fileOf(command.name)) as { uid?: string; memory?: Memory } | undefined;
    const memory = kept?.uid === command.uid ? kept.memory : undefined;
    const nowMs = ports.now();
    this.#member = new Member({ ...settings, uid: command.uid, boot: ports.newBoot(), memory }, nowMs);
    this.#quorum = this.#member.describe(nowMs).quorum;
    this.update(command, nowMs);
  }

  /** Goes by another list, other peers or another place. */
  update(command: GroupCommand, nowMs: number): void {
    this.#command = command;
    this.#lease.limited = command.byLease;
    this.#memberMacs = new Set(this.#others().flatMap(({ macs }) => macs.map(formatMac)));
    this.#meter.setMembers(command.list.members);
    this.#member.setList(command.list, nowMs);
    this.connect();
    this.#reportDue = true;
  }

  /** This list leaves the node out: it gives everything up, and says so until it is closed. */
  depart(list: GroupCommand["list"], nowMs: number): void {
    this.#wished = false;
    this.#wishesChanged = true;
    this.#member.setWishes([], nowMs);
    this.#member.setList(list, nowMs);
    this.turn(nowMs);
  }

  /** Whether it is about the VIPGroup of this uid. */
  isOf(uid: string): boolean {
    return this.#command.uid === uid;
  }

  wish({ address, node, generation, willing, candidates, target }: AnnounceCommand): void {
    const wish = { address, node, generation, willing: willing && target !== undefined };
    this.#wishes.set(addressKey(address), candidates === undefined ? wish : { ...wish, candidates });
    this.#wishesChanged = true;
  }

  unwish(address: Address): void {
    this.#wishesChanged = this.#wishes.delete(addressKey(address)) || this.#wishesChanged;
  }

  /** All addresses are wished for: from now on one that is not is none of the group. */
  wished(): void {
    this.#wished = true;
  }

  /** Opens the way to the others where there is one now; to be called again when an interface changed, and each second. */
  connect(): void {
    const { list, byLease, place, peers } = this.#command;
    // Two groups cannot listen at one place, and that of one by Lease stands beside that of all.
    const others = this.#hasOthers() || (!byLease && peers.length > 0);
    this.#link.connect(others && list.members.includes(this.#ports.settings.node) ? place : undefined, peers);
  }

  /** Closes the way to the others, because its interface is another one now. */
  disconnect(): void {
    this.#link.disconnect();
  }

  /** Where the others are heard. */
  get place(): GroupPlace | undefined {
    return this.#command.place;
  }

  leaseRenewed(atMs: number): void {
    this.#lease.renewed(atMs);
  }

  witnessAnswered(answer: WitnessAnswer, nowMs: number): void {
    this.#member.witnessAnswered(answer, nowMs);
  }

  apiAnswered(nowMs: number): void {
    this.#member.apiAnswered(nowMs);
  }

  leave(nowMs: number): void {
    this.#member.leave(nowMs);
  }

  /** Whether nobody loses anything if the process ends now. */
  mayEnd(nowMs: number): boolean {
    return this.#member.describe(nowMs).mayEnd;
  }

  /** Another station says on the group's LAN that it has an address. */
  foreign(address: Address, nowMs: number): void {
    if (this.#given.has(addressKey(address))) this.#member.foreign(address, nowMs);
  }

  /** A station of the group's LAN was heard. */
  heardStation(address: Address): void {
    if (this.#gateway.heardStation(this.#command.place, address, this.#ports.now())) this.#ports.wake();
  }

  isMember(mac: Mac): boolean {
    return this.#memberMacs.has(formatMac(mac));
  }

  answersUntilMs(address: Address): number {
    return Math.min(this.#member.answersUntilMs(address), this.#lease.untilMs());
  }

  /** Whether the group agrees with what this node holds, as of the last turn. */
  get hasQuorum(): boolean {
    return this.#quorum;
  }

  /** When `turn` has more to do. */
  wakeAtMs(): number {
    return Math.min(this.#member.wakeAtMs(), this.#gateway.wakeAtMs(), this.#lease.wakeAtMs());
  }

  /** Does everything that is due: decides, stores, tells, sends, in this order. */
  turn(nowMs: number): void {
    if (this.#wished && this.#wishesChanged) this.#member.setWishes([...this.#wishes.values()], nowMs);
    if (this.#wished) this.#wishesChanged = false;
    this.#watchGateway(nowMs);
    this.#member.tick(nowMs);
    this.#keep();
    this.#tellNews(nowMs);
    this.#send();
    this.#askWitness(nowMs);
    if (this.#reportDue) this.tellState(nowMs);
  }

  /** A witness is taken only by a node that hears the gateway now: one that was cut off a moment ago would take it first. */
  #askWitness(nowMs: number): void {
    const request = this.#member.witnessRequest();
    const { passed, refused } = this.#gateway.vet(request, this.#command.place, nowMs);
    for (const vetted of passed) this.#ports.report({ kind: "witness", group: this.name, request: vetted });
    for (const { id } of refused) this.witnessAnswered({ id, kind: "failed" }, nowMs);
  }

  /** Says how the group is seen, if that is new, and whether somebody is back. */
  tellState(nowMs: number): void {
    this.#reportDue = false;
    const { quorum, epoch, heard, linked, forced } = this.#member.describe(nowMs);
    if (heard.some((node) => !this.#heardNodes.includes(node))) this.#ports.holdings.memberBack(this.name, nowMs);
    this.#heardNodes = heard;
    const sorted = { hears: heard.toSorted(), linked: linked.toSorted() };
    const state: GroupReport = { kind: "groupState", name: this.name, epoch, quorum, ...sorted, forced };
    const key = JSON.stringify(state);
    if (key === this.#reported) return;
    this.#reported = key;
    this.#ports.report(state);
  }

  counters(): readonly PeerCounters[] {
    return this.#meter.counters(this.name);
  }

  /** Ends it; `forget`: also what is kept of it. */
  close(forget: boolean): void {
    for (const address of this.#given.values()) this.#ports.holdings.end(address, this.#by("group"), this.#ports.now());
    this.#link.disconnect();
    if (forget) this.#ports.state.remove(fileOf(this.name));
  }

  #heard(from: string, heartbeat: Heartbeat): void {
    const nowMs = this.#ports.now();
    this.#meter.heard(from, heartbeat, nowMs);
    this.#member.heard(from, heartbeat, nowMs);
    this.#ports.wake();
  }

  /** Before anything is sent that shows it. */
  #keep(): void {
    const version = this.#member.memoryVersion();
    if (version === this.#stored) return;
    this.#stored = version;
    this.#ports.state.write(fileOf(this.name), { uid: this.#command.uid, memory: this.#member.memory() });
  }

  #send(): void {
    const due = this.#member.outbox(this.#ports.now());
    for (const { to, heartbeat } of due) {
      this.#link.send(to, heartbeat);
      this.#meter.sent(to);
    }
    if (due.length > 0) this.#asking = due.some(({ heartbeat }) => heartbeat.answerMe);
  }

  #tellNews(nowMs: number): void {
    const news = this.#member.takeNews();
    for (const each of news) this.#tell(each, nowMs);
    for (const { lapsed, address } of this.#lease.turn(this.#given.values(), nowMs)) {
      if (lapsed) this.#ports.holdings.end(address, this.#by("lease"), nowMs);
      else this.#ports.holdings.begin(address, this.#by("lease"), nowMs);
    }
    if (news.some(({ kind }) => kind === "began")) this.#tellTakeOver(nowMs);
  }

  #tell(news: News, nowMs: number): void {
    const { holdings, report } = this.#ports;
    switch (news.kind) {
      case "began":
        this.#given.set(addressKey(news.address), news.address);
        if (!this.#lease.lapsed(nowMs)) holdings.begin(news.address, this.#by(news.cause), nowMs);
        break;
      case "ended":
        this.#given.delete(addressKey(news.address));
        holdings.end(news.address, this.#by(news.cause), nowMs);
        break;
      case "quorum":
        this.#quorum = news.has;
        holdings.quorum(this.name, news.has, nowMs);
        this.#reportDue = true;
        break;
      case "readList":
        report({ kind: "readList", group: this.name });
        break;
    }
  }

  #by(cause: string): Given {
    return { group: this.name, cause };
  }

  #tellTakeOver(nowMs: number): void {
    const { linked } = this.#member.describe(nowMs);
    const isLost = ({ node }: GroupPeer): boolean => !linked.includes(node);
    const afterMs = this.#meter.takeOverMs(this.#others().filter(isLost), nowMs);
    if (afterMs !== undefined) this.#ports.report({ kind: "takeOver", afterMs });
  }

  #watchGateway(nowMs: number): void {
    const { settings } = this.#ports;
    const sinceMs = nowMs - UNHEARD_INTERVALS * settings.intervalMs;
    const unheard = this.#others().filter(({ node }) => this.#meter.heardMs(node) < sinceMs).length;
    const watches = this.#link.isOpen && this.#hasOthers();
    const unrest = watches ? unheard + Number(!this.#quorum) + Number(this.#asking) : 0;
    this.#member.gateway(this.#gateway.look(this.#command.place, unrest, nowMs), nowMs);
  }

  #hasOthers(): boolean {
    return this.#command.list.members.some((member) => member !== this.#ports.settings.node);
  }

  /** The other members: not who left. */
  #others(): readonly GroupPeer[] {
    const { list, peers } = this.#command;
    return peers.filter(({ node }) => list.members.includes(node));
  }
}

function fileOf(group: string): string {
  return `group-${group}`;
}
