import type { SpeakerCounters } from "./messages.ts";

/** The counters while they are counted. */
export type Counters = { -readonly [Name in keyof SpeakerCounters]: SpeakerCounters[Name] };

/** All zero. */
export function createCounters(): Counters {
  return {
    arpAnswers: 0,
    ndpAnswers: 0,
    announcementFrames: 0,
    probeFrames: 0,
    defenceFrames: 0,
    malformedFrames: 0,
    sendFailures: 0,
    netlinkOverruns: 0,
  };
}
