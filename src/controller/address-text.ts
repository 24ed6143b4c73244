import { type Address, addressKey, formatAddress, objectName } from "../net/address.ts";

const texts = new WeakMap<Address, string>();
const names = new WeakMap<Address, string>();
const keys = new WeakMap<Address, string>();

/** formatAddress, worked out once for each parsed object: every plan needs the texts of all addresses. */
export function addressText(address: Address): string {
  return memoised(texts, address, formatAddress);
}

/** objectName, worked out once for each parsed object. */
export function addressName(address: Address): string {
  return memoised(names, address, objectName);
}

/** addressKey, worked out once for each parsed object. */
export function addressMapKey(address: Address): string {
  return memoised(keys, address, addressKey);
}

function memoised(memo: WeakMap<Address, string>, address: Address, make: (address: Address) => string): string {
  const known = memo.get(address);
  if (known !== undefined) return known;
  const made = make(address);
  memo.set(address, made);
  return made;
}
