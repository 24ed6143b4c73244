/**
 * What the work gives, or `otherwise` if it fails or takes longer than that; the signal tells it to stop then. Work that does not
 * listen goes on, and what becomes of it is ignored.
 */
export async function inTime<Result>(
  longestMs: number,
  otherwise: Result,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => {
      stop.abort(new Error(`not within ${longestMs} ms`));
      resolve(otherwise);
    }, longestMs);
  });
  try {
    return await Promise.race([work(stop.signal).catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
