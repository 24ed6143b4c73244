import type { Labels } from "./label-selector.ts";

/**
 * What Herald reads of an object's metadata, as JSON holds it. The API server gives every stored object a uid, a
 * resourceVersion and a creationTimestamp; an object on its way through admission may lack them.
 */
export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339 */
  readonly creationTimestamp?: string;
  /** RFC 3339; present while the object is being deleted. */
  readonly deletionTimestamp?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
};

/** What identifies one version of a stored object; empty texts where admission has not filled them in yet. */
export type Identity = { readonly name: string; readonly uid: string; readonly resourceVersion: string };

/** The identity that an object's metadata give it. */
export function identity({ name, uid = "", resourceVersion = "" }: ObjectMeta): Identity {
  return { name, uid, resourceVersion };
}

/** When the object was created, in milliseconds since the epoch; 0 if the API server has not said so. */
export function createdMs({ creationTimestamp }: ObjectMeta): number {
  return creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp);
}

/** `apiVersion` of Herald's own kinds. */
export const heraldApiVersion = "herald.dev/v1beta1";
