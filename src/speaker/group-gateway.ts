import type { WitnessRequest } from "../announce/votes/inputs.ts";
import { type Address, sameAddress } from "../net/address.ts";
import { GatewayWatch } from "./gateway-watch.ts";
import type { GroupPlace, GroupPorts } from "./group-ports.ts";

/** So long the gateway has to answer before a witness is taken. */
const TAKE_WAIT_MS = 60;

/** Which witness requests may go out, and which are refused because the gateway is silent. */
export type Vetted = { readonly passed: readonly WitnessRequest[]; readonly refused: readonly WitnessRequest[] };

/** What a group knows of the gateway of its LAN: asked while there is unrest, and just before a witness is taken. */
export class GroupGateway {
  readonly #port: GroupPorts["gateway"];
  readonly #watch: GatewayWatch;
  #unrest = 0;
  #waiting: { readonly request: WitnessRequest; readonly askedMs: number } | undefined;
  #heardMs = Number.NEGATIVE_INFINITY;

  /** `intervalMs`: of the heartbeats. */
  constructor(intervalMs: number, port: GroupPorts["gateway"]) {
    this.#port = port;
    this.#watch = new GatewayWatch(intervalMs);
  }

  /** When there is more to ask or to judge. */
  wakeAtMs(): number {
    const waitsUntilMs = this.#waiting === undefined ? Number.POSITIVE_INFINITY : this.#waiting.askedMs + TAKE_WAIT_MS;
    return Math.min(this.#watch.wakeAtMs(), waitsUntilMs);
  }

  /** A station was heard at the place; whether it is the gateway, and somebody waits for it. */
  heardStation(place: GroupPlace | undefined, station: Address, nowMs: number): boolean {
    if (place === undefined || (!this.#watch.uneasy && this.#waiting === undefined)) return false;
    const router = this.#port.of(place);
    if (typeof router === "string" || !sameAddress(router, station)) return false;
    this.#watch.heard();
    this.#heardMs = nowMs;
    return true;
  }

  /** Asks what is due; more `unrest` than at the last call asks often again, none ends it. Whether the gateway answers. */
  look(place: GroupPlace | undefined, unrest: number, nowMs: number): boolean {
    if (unrest > this.#unrest) this.#watch.alarm(nowMs);
    if (unrest === 0 && this.#unrest > 0) this.#watch.calm();
    this.#unrest = unrest;
    if (place === undefined || !this.#watch.uneasy) return true;
    const due = this.#watch.ask(nowMs);
    const router = this.#port.of(place);
    if (typeof router === "string") {
      this.#watch.heard();
      return router !== "down";
    }
    if (due) this.#port.ask(place, router);
    return this.#watch.answers(nowMs);
  }

  /** Lets a request through, but one to take the witness only once the gateway has answered a question asked for it. */
  vet(request: WitnessRequest | undefined, place: GroupPlace | undefined, nowMs: number): Vetted {
    const router = place === undefined ? "none" : this.#port.of(place);
    if (request !== undefined && request.kind !== "take") return { passed: [request], refused: [] };
    if (request !== undefined && router === "none") return { passed: [request], refused: [] };
    if (request !== undefined) {
      this.#waiting = { request, askedMs: nowMs };
      if (place !== undefined && typeof router === "object") this.#port.ask(place, router);
    }
    return this.#judge(nowMs);
  }

  #judge(nowMs: number): Vetted {
    const waiting = this.#waiting;
    if (waiting === undefined) return { passed: [], refused: [] };
    const answered = this.#heardMs >= waiting.askedMs;
    if (!answered && nowMs < waiting.askedMs + TAKE_WAIT_MS) return { passed: [], refused: [] };
    this.#waiting = undefined;
    return answered ? { passed: [waiting.request], refused: [] } : { passed: [], refused: [waiting.request] };
  }
}
