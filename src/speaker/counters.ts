import { createHeartbeatCounters, type HeartbeatCounters } from "./heartbeats.ts";
import type { SpeakerCounters } from "./messages.ts";

type Counted = Exclude<keyof SpeakerCounters, `heartbeats${string}`>;

/** The counters while they are counted. */
export type Counters = Record<Counted, number> & { readonly heartbeats: HeartbeatCounters };

/** All zero. */
export function createCounters(): Counters {
  return {
    arpAnswers: 0,
    ndpAnswers: 0,
    announcementFrames: 0,
    probeFrames: 0,
    defenceFrames: 0,
    gatewayFrames: 0,
    malformedFrames: 0,
    sendFailures: 0,
    netlinkOverruns: 0,
    heartbeats: createHeartbeatCounters(),
  };
}

/** The totals as the speaker reports them. */
export function totals({ heartbeats, ...frames }: Counters): SpeakerCounters {
  const { sent, received, forged, malformed, otherVersion } = heartbeats;
  return {
    ...frames,
    sendFailures: frames.sendFailures + heartbeats.sendFailures,
    heartbeatsSent: sent,
    heartbeatsReceived: received,
    heartbeatsRefused: forged + malformed + otherVersion,
  };
}
