/** A broken invariant, and how. */
export type Violation = { readonly invariant: string; readonly message: string };

/** Every invariant by its name. */
export const invariants = {
  holders: "two members never hold an address by votes at one time",
  overlap: "two answer for an address only with a cause, and no longer than it allows",
  gap: "an address is answered for while a majority is linked",
  moves: "an address that a healthy member holds does not move unasked",
  silence: "a member that has forgotten its votes gives none for five intervals",
  calm: "once calm, each address has one holder",
  asked: "once calm, a planned move arrives without a gap",
  lists: "once calm, all members go by one list",
  follows: "a member goes by a newer list that most of its voters go by, without the API server",
  rest: "at rest a member says nothing new and wakes seldom",
} as const;
