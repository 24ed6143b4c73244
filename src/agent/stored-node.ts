import { identity } from "../api/object-meta.ts";
import { parseVipNode, type VipNode, type VipNodeObject } from "../api/vip-node.ts";

/** A status that does not parse is as good as none: it is written anew. */
export function storedNode(object: VipNodeObject): VipNode {
  const parsed = parseVipNode(object);
  if ("value" in parsed) return parsed.value;
  const empty = { interfaces: [], gateways: [], announcing: [], refusing: [], conditions: [] };
  return { ...identity(object.metadata), ...empty, drain: object.spec?.drain ?? false };
}
