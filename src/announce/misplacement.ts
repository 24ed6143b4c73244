import { shortMessage } from "../api/cut-text.ts";
import type { Placeable } from "./field.ts";
import type { Ineligible, Misplacement } from "./reason.ts";

const namedInMessage = 4;

/** Why none of the nodes can take an address, by what speaks against each. */
export function misplacement(why: readonly Pick<Ineligible, "message">[]): Misplacement {
  if (why.length === 0) return { reason: "NoAgent", message: "no agent runs on any node" };
  const messages = why.slice(0, namedInMessage).map(({ message }) => message);
  const more = why.length - messages.length;
  const message = [...messages, ...(more > 0 ? [`${more} more nodes`] : [])].join("; ");
  return { reason: "NoEligibleNode", message: shortMessage(message) };
}

/** Why nobody may hold an address of policy Local. */
export function noEndpoints({ services: [service] }: Pick<Placeable, "services">): Misplacement {
  const name = `${service?.namespace}/${service?.name}`;
  return { reason: "NoEndpoints", message: `policy Local: no node has a ready endpoint of ${name} any more` };
}

/** Why nobody can announce an address of policy Local, by what speaks against each node that has a ready endpoint. */
export function unreachableEndpoints(why: readonly string[]): Misplacement {
  const { reason, message } = misplacement(why.map((each) => ({ message: each })));
  return { reason, message: shortMessage(`policy Local: ${message}`) };
}
