import { generateKeyPair, type KeyPair, keyPairOf } from "../protocols/heartbeat/keys.ts";
import type { StateFolder } from "./state-folder.ts";

const file = "key";

/** The node's key pair as it is kept, or a new one that is kept from now on. */
export function nodeKeys(state: StateFolder): KeyPair {
  const kept = state.read(file) as { readonly privateKey?: unknown } | undefined;
  const known = typeof kept?.privateKey === "string" ? keyPairOf(kept.privateKey) : undefined;
  if (known !== undefined) return known;
  const fresh = generateKeyPair();
  state.write(file, { privateKey: fresh.privateKey });
  return fresh;
}
