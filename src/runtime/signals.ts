/** A signal that aborts at the first SIGTERM or SIGINT, with the name as its reason. A second one ends the process as usual. */
export function terminationSignal(): AbortSignal {
  const controller = new AbortController();
  const names = ["SIGTERM", "SIGINT"] as const;
  const abort = (name: NodeJS.Signals): void => {
    for (const each of names) process.removeListener(each, abort);
    controller.abort(name);
  };
  for (const name of names) process.on(name, abort);
  return controller.signal;
}
