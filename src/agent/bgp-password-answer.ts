import { parsePassword } from "../api/bgp-password.ts";
import { peerSecretKey, peerSecretNamespace } from "../api/bgp-peer.ts";
import type { PasswordAnswer } from "./bgp-ports.ts";

/** A Secret as the API server has it, as far as it matters. */
export type SecretObject = { readonly data?: Readonly<Record<string, string>> };

/** The password in a Secret that was read; undefined: there is no such Secret. */
export function passwordIn(name: string, secret: SecretObject | undefined): PasswordAnswer {
  const called = `Secret ${peerSecretNamespace}/${name}`;
  if (secret === undefined) return { kind: "missing", message: `${called} does not exist` };
  const text = secret.data?.[peerSecretKey];
  if (text === undefined) return { kind: "missing", message: `${called} has no key ${peerSecretKey}` };
  const parsed = parsePassword(text);
  if ("problem" in parsed) return { kind: "missing", message: `${called}: ${peerSecretKey} ${parsed.problem}` };
  if (parsed.password === undefined) return { kind: "missing", message: `${called}: ${peerSecretKey} is empty` };
  return { kind: "password", password: parsed.password };
}

/** That a Secret could not be read. */
export function unanswered(name: string, error: unknown): PasswordAnswer {
  const why = error instanceof Error ? error.message : String(error);
  return { kind: "unanswered", message: `Secret ${peerSecretNamespace}/${name} cannot be read: ${why}` };
}
