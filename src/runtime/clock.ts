/** Time as the shell sees it; a simulation passes its own. */
export type Clock = {
  /** Milliseconds since the epoch; may jump. For what people read, never for deadlines. */
  wallMs(): number;
  /** Milliseconds since some moment; never jumps. */
  monotonicMs(): number;
  /** Calls back once after so many milliseconds (0 or less: as soon as possible); the answer cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
};

const longestDelayMs = 2 ** 31 - 1;

/** The machine's clock. Its timers keep the process alive. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    if (delayMs <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, Math.min(delayMs, longestDelayMs));
    return () => clearTimeout(timer);
  },
};
