import { type Address, addressKey } from "../net/address.ts";

/** The forms that a frame about an address can have; an IPv4 announcement needs two. */
export type FrameForm = "probe" | "gratuitousRequest" | "gratuitousReply" | "advertisement";

/** A frame that waits to be sent; `purpose` is what it counts as. */
export type QueuedFrame = {
  readonly address: Address;
  readonly form: FrameForm;
  readonly purpose: "probe" | "announcement" | "defence";
};

/** Lower is earlier: the first frame of every address, then second forms, then repeats. */
export type Priority = 0 | 1 | 2;

/** Frames of one interface in the order in which they leave it, at a bounded rate. */
export type FrameQueue = {
  /** Adds a frame; one of the same address and form that waits already takes the earlier place of the two. */
  offer(frame: QueuedFrame, priority: Priority): void;
  /** Drops what waits for the address. */
  discard(address: Address): void;
  /** What may leave at this moment. */
  take(nowMs: number): readonly QueuedFrame[];
  /** When more may leave; Infinity if nothing waits. */
  wakeAtMs(): number;
};

const FRAMES_PER_MS = 2;
/** What may leave at once after a pause; enough for the take-over of some tens of addresses without a wait. */
const BURST = 64;
/** Timers are not exact; frames leave in groups rather than by many wake-ups. */
const GROUP = 10;

const priorities: readonly Priority[] = [0, 1, 2];

/** An empty queue whose full burst is free. */
export function createFrameQueue(): FrameQueue {
  const waiting = priorities.map(() => new Map<string, QueuedFrame>());
  let tokens = BURST;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  const size = (): number => waiting.reduce((sum, frames) => sum + frames.size, 0);
  return {
    offer: (frame, priority) => {
      const key = keyOf(frame.address, frame.form);
      if (waiting.some((frames, at) => at <= priority && frames.has(key))) return;
      for (const frames of waiting) frames.delete(key);
      waiting[priority]?.set(key, frame);
    },
    discard: (address) => {
      for (const frames of waiting) for (const form of forms) frames.delete(keyOf(address, form));
    },
    take: (nowMs) => {
      tokens = Math.min(BURST, tokens + Math.max(0, nowMs - countedAtMs) * FRAMES_PER_MS);
      countedAtMs = nowMs;
      const taken = waiting.flatMap((frames) => [...frames]).slice(0, Math.floor(tokens));
      for (const [key] of taken) for (const frames of waiting) frames.delete(key);
      tokens -= taken.length;
      return taken.map(([, frame]) => frame);
    },
    wakeAtMs: () => {
      if (size() === 0) return Number.POSITIVE_INFINITY;
      return countedAtMs + Math.max(0, Math.min(size(), GROUP) - tokens) / FRAMES_PER_MS;
    },
  };
}

const forms: readonly FrameForm[] = ["probe", "gratuitousRequest", "gratuitousReply", "advertisement"];

function keyOf(address: Address, form: FrameForm): string {
  return `${form} ${addressKey(address)}`;
}
