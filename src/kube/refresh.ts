/** Resolves once every reflector's first list is in. @throws the signal's reason if it aborts first */
export async function syncedAll(
  reflectors: readonly { synced(signal: AbortSignal): Promise<void> }[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(reflectors.map((reflector) => reflector.synced(signal)));
}

/** Resolves once of each reflector a list that began after this call is in its store. @throws the signal's reason if it aborts first */
export async function refreshedAll(
  reflectors: readonly { refreshed(signal: AbortSignal): Promise<void> }[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(reflectors.map((reflector) => reflector.refreshed(signal)));
}
