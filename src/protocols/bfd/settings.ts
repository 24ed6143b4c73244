/** How one end of a session is set up. */
export type BfdSettings = {
  /** Least time between two packets that are sent, in whole milliseconds. */
  readonly transmitMs: number;
  /** Least time between two packets that can be taken in, in whole milliseconds. */
  readonly receiveMs: number;
  /** How many packets may fail to come before the other end calls the session down. */
  readonly multiplier: number;
  /** C: that the session outlives a restart of what it guards. To be set where the BGP session restarts gracefully. */
  readonly controlPlaneIndependent: boolean;
};

/** Less cannot be kept by a thread that shares its processor (see README.md). */
const LEAST_INTERVAL_MS = 10;
const LARGEST_INTERVAL_MS = 60_000;
const LEAST_DETECTION_MS = 30;
const LARGEST_MULTIPLIER = 255;

/** What is wrong with settings, all of it, each naming its field; nothing if they can be used. */
export function bfdProblems(settings: BfdSettings): readonly string[] {
  const { transmitMs, receiveMs, multiplier } = settings;
  const each = [
    ...outside("transmit", transmitMs, [LEAST_INTERVAL_MS, LARGEST_INTERVAL_MS]),
    ...outside("receive", receiveMs, [LEAST_INTERVAL_MS, LARGEST_INTERVAL_MS]),
    ...outside("multiplier", multiplier, [1, LARGEST_MULTIPLIER]),
  ];
  if (each.length > 0 || transmitMs * multiplier >= LEAST_DETECTION_MS) return each;
  return [
    `multiplier: ${transmitMs} ms × ${multiplier} is less than the ${LEAST_DETECTION_MS} ms that Herald can keep`,
  ];
}

function outside(field: string, value: number, [least, largest]: readonly [number, number]): readonly string[] {
  if (Number.isInteger(value) && value >= least && value <= largest) return [];
  return [`${field}: ${value} is no whole number from ${least} to ${largest}`];
}
