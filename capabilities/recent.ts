/**
 * A reader whose answer is shared by all that ask within so many milliseconds after the reading began. A failure reaches those
 * who wait for it and nobody after them.
 */
export function recent<T>(read: () => Promise<T>, sharedMs: number, nowMs: () => number): () => Promise<T> {
  let last: { readonly readMs: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && nowMs() - last.readMs <= sharedMs) return last.answer;
    const reading = { readMs: nowMs(), answer: read() };
    last = reading;
    reading.answer.catch(() => {
      if (last === reading) last = undefined;
    });
    return reading.answer;
  };
}
