/** What a connection presents: PEM texts and request headers. */
export type Material = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Where the API server is and how to be let in. `load` reads everything anew, so that rotated files are seen; with
 * `renew` it also asks an exec plugin again, because the server refused what it gave last.
 */
export type CredentialSource = {
  readonly server: string;
  readonly namespace: string | undefined;
  load(renew: boolean): Promise<Material>;
};

/** Whether the TLS side of two materials is the same, so that connections may be kept. */
export function sameTls(a: Material, b: Material): boolean {
  return (
    a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.serverName === b.serverName && a.insecure === b.insecure
  );
}
