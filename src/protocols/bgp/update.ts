import type { Family } from "../../net/address.ts";
import { type AttributeRule, attributeRules } from "./attribute-rules.ts";
import { attributeClass, attributeFlag, attributeType } from "./attribute-types.ts";
import { BgpMessageError } from "./bgp-message-error.ts";
import { type Negotiated, type Update, unicastFamily } from "./message.ts";
import { type Attribute, attributesIn, type CutAttribute } from "./update-attributes.ts";
import { UpdateFindings } from "./update-findings.ts";

/** The two lengths. */
const LENGTHS = 4;
const FAMILY_LENGTH = 3;
const nextHopLengths: Readonly<Record<Family, readonly number[]>> = { 4: [4, 16, 32], 6: [16, 32] };
const multiprotocol: ReadonlySet<number> = new Set([attributeType.mpReach, attributeType.mpUnreach]);

/**
 * What an UPDATE's body of at least 4 bytes would change. Nothing of it is kept, so no route can be left over that should be
 * gone: an error ends the session only if the bytes cannot be told apart (README.md beside this file has the table).
 * @throws {BgpMessageError} 3/1 if the lengths do not fit the message, or two attributes list prefixes of the same kind; 3/5 if
 * one that lists prefixes is cut; 3/9 if it is too short to name its family
 */
export function decodeUpdate(body: Uint8Array, negotiated: Negotiated): Update {
  const { withdrawn, attributes, nlri } = fieldsOf(body);
  const findings = new UpdateFindings();
  if (body.length === LENGTHS) return findings.update(4);
  findings.withdraw(4, withdrawn);
  findings.announce(4, nlri);
  const { types, endOfRib } = readAttributes(attributes, negotiated, findings);
  for (const type of mandatoryAttributes(nlri.length > 0, negotiated))
    if (findings.announces() && !types.has(type))
      findings.fault("treat-as-withdraw", `${attributeRules.get(type)?.name} is missing`);
  return findings.update(withdrawn.length + nlri.length === 0 ? endOfRib : undefined);
}

function fieldsOf(body: Uint8Array): Record<"withdrawn" | "attributes" | "nlri", Uint8Array> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const withdrawnEnd = 2 + view.getUint16(0);
  if (withdrawnEnd + 2 > body.length) throw malformed(`${withdrawnEnd - 2} bytes are withdrawn of ${body.length}`);
  const attributesEnd = withdrawnEnd + 2 + view.getUint16(withdrawnEnd);
  if (attributesEnd > body.length) throw malformed(`attributes to byte ${attributesEnd} of ${body.length}`);
  return {
    withdrawn: body.subarray(2, withdrawnEnd),
    attributes: body.subarray(withdrawnEnd + 2, attributesEnd),
    nlri: body.subarray(attributesEnd),
  };
}

const malformed = (message: string): BgpMessageError =>
  new BgpMessageError("malformedAttributeList", `UPDATE: ${message}`);

type AttributesRead = {
  readonly types: ReadonlySet<number>;
  /** The family that the only attribute names without withdrawing anything. */
  readonly endOfRib: Family | undefined;
};

function readAttributes(bytes: Uint8Array, negotiated: Negotiated, findings: UpdateFindings): AttributesRead {
  const types = new Set<number>();
  let count = 0;
  let endOfRib: Family | undefined;
  for (const attribute of attributesIn(bytes)) {
    count++;
    if ("cut" in attribute) refuseCut(attribute, findings);
    else if (types.has(attribute.type)) refuseSecond(attribute, findings);
    else if (multiprotocol.has(attribute.type)) endOfRib = readPrefixes(attribute, findings);
    else checkAttribute(attribute, negotiated, findings);
    if (attribute.type !== undefined) types.add(attribute.type);
  }
  return { types, endOfRib: count === 1 ? endOfRib : undefined };
}

/** RFC 7606, section 4: what follows the attributes can still be found. */
function refuseCut({ type, cut }: CutAttribute, findings: UpdateFindings): void {
  if (type !== undefined && multiprotocol.has(type))
    throw new BgpMessageError("attributeLength", `UPDATE: attribute ${type} is cut`, cut);
  findings.fault("treat-as-withdraw", `attribute ${type ?? ""} is cut`);
}

/** RFC 7606, section 3, g. */
function refuseSecond({ type }: Attribute, findings: UpdateFindings): void {
  if (multiprotocol.has(type)) throw malformed(`attribute ${type} twice`);
  findings.fault("attribute-discard", `attribute ${type} twice`);
}

function checkAttribute({ flags, type, value }: Attribute, negotiated: Negotiated, findings: UpdateFindings): void {
  const rule = attributeRules.get(type);
  if (rule === undefined) {
    if ((flags & attributeFlag.optional) === 0)
      findings.fault("treat-as-withdraw", `unknown well-known attribute ${type}`);
  } else if (rule.internalOnly && !negotiated.internal) {
    findings.fault("attribute-discard", `${rule.name}: from another autonomous system`);
  } else {
    checkKnown(rule, { flags, type, value }, negotiated, findings);
  }
}

function checkKnown(
  rule: AttributeRule,
  { flags, value }: Attribute,
  negotiated: Negotiated,
  findings: UpdateFindings,
): void {
  const { name, approach, flagsApproach } = rule;
  if (classOf(flags) !== rule.class) findings.fault(flagsApproach, `${name}: flags ${flags}`);
  const problem = rule.problem(value, negotiated);
  if (problem !== undefined) findings.fault(approach, `${name}: ${problem}`);
}

function classOf(flags: number): number {
  return flags & (attributeFlag.optional | attributeFlag.transitive);
}

/** RFC 7606, 5.3. The family, if it is only named and no prefix withdrawn. */
function readPrefixes({ flags, type, value }: Attribute, findings: UpdateFindings): Family | undefined {
  const [high = 0, low = 0, safi] = value;
  if (safi === undefined)
    throw new BgpMessageError("optionalAttribute", `UPDATE: attribute ${type} without a family`, value);
  const family = unicastFamily(high * 256 + low, safi);
  if (family === undefined) return undefined;
  if (classOf(flags) !== attributeClass.optional) {
    findings.disable(family, `attribute ${type}: flags ${flags}`);
    return undefined;
  }
  if (type === attributeType.mpReach) {
    readMpReach(family, value, findings);
    return undefined;
  }
  findings.withdraw(family, value.subarray(FAMILY_LENGTH));
  return value.length === FAMILY_LENGTH ? family : undefined;
}

function readMpReach(family: Family, value: Uint8Array, findings: UpdateFindings): void {
  const nextHopLength = value[FAMILY_LENGTH];
  const prefixesAt = FAMILY_LENGTH + 1 + (nextHopLength ?? 0) + 1;
  if (nextHopLength === undefined || prefixesAt > value.length) findings.disable(family, "MP_REACH_NLRI is cut");
  else if (!nextHopLengths[family].includes(nextHopLength))
    findings.disable(family, `MP_REACH_NLRI: next hop of ${nextHopLength} bytes`);
  else findings.announce(family, value.subarray(prefixesAt));
}

/** RFC 7606, section 3, d; RFC 4271, section 5. `plain`: prefixes stand outside of attributes. */
function mandatoryAttributes(plain: boolean, { internal }: Negotiated): readonly number[] {
  return [
    attributeType.origin,
    attributeType.asPath,
    ...(plain ? [attributeType.nextHop] : []),
    ...(internal ? [attributeType.localPref] : []),
  ];
}
