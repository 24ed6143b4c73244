import type { LedgerObject, ServiceObject } from "../api/object.ts";
import type { Facts } from "./facts.ts";

/** A write to the ledger, just committed; without `after` a deletion. */
export type LedgerWrite = {
  readonly by: string;
  readonly before: LedgerObject | undefined;
  readonly after: LedgerObject | undefined;
};

/** A write of a controller to a Service that was there, just committed. */
export type ServiceWrite = { readonly by: string; readonly before: ServiceObject; readonly after: ServiceObject };

/** What must hold of each write of one kind; says what is wrong, or undefined. */
export type Invariant<Write> = {
  readonly name: string;
  readonly broken: (write: Write, facts: Facts) => string | undefined;
};

/** What must hold once all is calm; says everything that is wrong. */
export type CalmInvariant = { readonly name: string; readonly broken: (facts: Facts) => readonly string[] };

/** A broken invariant, and how. */
export type Violation = { readonly invariant: string; readonly message: string };
