import type { Family } from "../../net/address.ts";
import type { Prefix } from "../../net/prefix.ts";
import { attributeClass, attributeFlag, attributeType } from "./attribute-types.ts";
import { framed } from "./header.ts";
import type { Negotiated, PathAttributes, Route, RouteChanges } from "./message.ts";
import { mpUnreachHeader } from "./path-attributes.ts";
import { packPrefixes } from "./prefixes.ts";
import { LONG_ATTRIBUTE_HEADER_LENGTH, prefixRoom, type UpdateForm, updateForm } from "./update-form.ts";

/**
 * Whole UPDATEs that tell a peer these changes, withdrawals first; each is as full as what was negotiated allows, and holds
 * prefixes of one family and one set of attributes (RFC 7606, 5.1). A route that none can carry (see `unsendable`) is
 * withdrawn instead.
 */
export function encodeUpdates({ announced, withdrawn }: RouteChanges, negotiated: Negotiated): readonly Uint8Array[] {
  const groups = new Groups(negotiated);
  for (const route of announced) groups.add(route);
  const gone = [...withdrawn, ...groups.refused];
  return [...([4, 6] as const).flatMap((family) => withdrawals(family, gone, negotiated)), ...groups.announcements()];
}

/** The UPDATE that says that all routes of a family were told (RFC 4724, section 2). */
export function encodeEndOfRib(family: Family): Uint8Array {
  return family === 4 ? update({}) : update({ attributes: mpUnreach(mpUnreachHeader(family)) });
}

/** Why no UPDATE can carry a route of this family and these attributes, for people; undefined if one can. */
export function unsendable(family: Family, attributes: PathAttributes, negotiated: Negotiated): string | undefined {
  const form = updateForm(family, attributes, negotiated);
  return typeof form === "string" ? form : undefined;
}

type Group = { readonly form: UpdateForm; readonly prefixes: Prefix[] };

/** Routes by attributes. Different objects that say the same come together; the same object is compared only with itself. */
class Groups {
  readonly refused: Prefix[] = [];
  readonly #negotiated: Negotiated;
  readonly #groups: Group[] = [];
  readonly #byKey = new Map<string, Prefix[]>();
  readonly #byObject = { 4: new Map<PathAttributes, Prefix[]>(), 6: new Map<PathAttributes, Prefix[]>() };

  constructor(negotiated: Negotiated) {
    this.#negotiated = negotiated;
  }

  add({ prefix, attributes }: Route): void {
    const { family } = prefix.address;
    const prefixes = this.#byObject[family].get(attributes) ?? this.#lookUp(family, attributes);
    this.#byObject[family].set(attributes, prefixes);
    prefixes.push(prefix);
  }

  announcements(): readonly Uint8Array[] {
    return this.#groups.flatMap(announcements);
  }

  #lookUp(family: Family, attributes: PathAttributes): Prefix[] {
    const key = `${family} ${attributesKey(attributes)}`;
    const prefixes = this.#byKey.get(key) ?? this.#begin(family, attributes);
    this.#byKey.set(key, prefixes);
    return prefixes;
  }

  #begin(family: Family, attributes: PathAttributes): Prefix[] {
    const form = updateForm(family, attributes, this.#negotiated);
    if (typeof form === "string") return this.refused;
    const group = { form, prefixes: [] };
    this.#groups.push(group);
    return group.prefixes;
  }
}

/** Equal for attributes that say the same in the same order; encoding them to compare bytes would take ten times as long. */
function attributesKey({
  origin,
  asPath,
  nextHop,
  med,
  localPref,
  communities,
  largeCommunities,
}: PathAttributes): string {
  const { address, linkLocal } = nextHop;
  const hops = `${address.family}:${address.value}:${linkLocal?.value}`;
  return `${origin} ${asPath} ${hops} ${med} ${localPref} ${communities} ${largeCommunities}`;
}

function announcements({ form: { mpReach, attributes, room }, prefixes }: Group): readonly Uint8Array[] {
  return packPrefixes(prefixes, room).map((nlri) =>
    mpReach === undefined
      ? update({ attributes, nlri })
      : // First of all, so that it is found even if something after it is wrong (RFC 7606, 5.1).
        update({ attributes: joined(longAttribute(attributeType.mpReach, joined(mpReach, nlri)), attributes) }),
  );
}

/** IPv4 prefixes are withdrawn as they may have been announced: within an attribute if their next hop may be of IPv6. */
function withdrawals(family: Family, prefixes: readonly Prefix[], negotiated: Negotiated): readonly Uint8Array[] {
  const ofFamily = prefixes.filter(({ address }) => address.family === family);
  const room = prefixRoom(negotiated);
  if (family === 4 && !negotiated.extendedNextHop)
    return packPrefixes(ofFamily, room).map((withdrawn) => update({ withdrawn }));
  const header = mpUnreachHeader(family);
  const pieces = packPrefixes(ofFamily, room - LONG_ATTRIBUTE_HEADER_LENGTH - header.length);
  return pieces.map((piece) => update({ attributes: mpUnreach(joined(header, piece)) }));
}

function mpUnreach(value: Uint8Array): Uint8Array {
  return longAttribute(attributeType.mpUnreach, value);
}

/** With a length of two bytes whatever it is: others write these attributes so. */
function longAttribute(type: number, value: Uint8Array): Uint8Array {
  const flags = attributeClass.optional | attributeFlag.extendedLength;
  return joined(Uint8Array.of(flags, type, value.length >> 8, value.length & 0xff), value);
}

type UpdateFields = Partial<Record<"withdrawn" | "attributes" | "nlri", Uint8Array>>;

const none = new Uint8Array();

function update({ withdrawn = none, attributes = none, nlri = none }: UpdateFields): Uint8Array {
  return framed("update", joined(sized(withdrawn), sized(attributes), nlri));
}

function sized(bytes: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
