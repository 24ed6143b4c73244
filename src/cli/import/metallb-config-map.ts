import type { Spec } from "../../api/generated/ippool-v1beta1.ts";
import { fieldsOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { readDocuments } from "../yaml-documents.ts";
import { readAddresses } from "./addresses.ts";
import { bgpByHand, type ImportedPool, type Note, note, type Part } from "./imported.ts";

/** Whether an object is the ConfigMap by which MetalLB was configured before release 0.13. */
export function isMetalLBConfigMap({ kind, data }: Manifest): boolean {
  return kind === "ConfigMap" && /^\s*address-pools:/m.test(textOf(fieldsOf(data).config) ?? "");
}

/** Its address-pools; peers and everything else of BGP are said to be left behind. */
export function readConfigMap(object: Manifest): Part {
  const text = textOf(fieldsOf(object.data).config) ?? "";
  const { documents, problems } = readDocuments(text);
  const broken = problems.map(({ line, message }) => note(object, "data.config", `line ${line}: ${message}`));
  const config = fieldsOf(documents[0]?.value);
  const entries = listOf(config["address-pools"]).map((entry, i) => readEntry(object, entry, i));
  const others = Object.keys(config).filter((key) => key !== "address-pools");
  return {
    pools: entries.map(({ pool }) => pool),
    notes: [
      ...broken,
      ...entries.flatMap(({ notes }) => notes),
      ...others.map((key) => note(object, `data.config: ${key}`, bgpByHand)),
    ],
  };
}

const read = ["name", "protocol", "addresses", "auto-assign", "avoid-buggy-ips"];

function readEntry(
  object: Manifest,
  entry: unknown,
  i: number,
): { readonly pool: ImportedPool; readonly notes: readonly Note[] } {
  const fields = fieldsOf(entry);
  const name = textOf(fields.name) ?? nameOf(object);
  const field = `data.config: address-pools[${i}]`;
  const { addresses, notes } = readAddresses(object, `${field}.addresses`, textsOf(fields.addresses));
  const spec: Spec = {
    addresses: [...addresses],
    ...(fields["avoid-buggy-ips"] === true && { avoidBuggyIPs: true }),
    ...(fields["auto-assign"] === false && { automatic: false }),
  };
  const byBgp = fields.protocol === "bgp" ? [note(object, `${field}.protocol`, `bgp ${bgpByHand}`)] : [];
  const unread = Object.keys(fields).filter((key) => !read.includes(key));
  const lost = unread.map((key) => note(object, `${field}.${key}`, "is not carried over"));
  return { pool: { name, spec }, notes: [...notes, ...byBgp, ...lost] };
}
