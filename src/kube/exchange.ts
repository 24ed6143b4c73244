import { ApiError, ConnectionError, type StatusBody } from "./api-error.ts";
import type { SetTimer } from "./clock.ts";
import type { Connection, HttpAnswer, HttpCall } from "./connection.ts";
import { type Deadline, startDeadline } from "./deadline.ts";

/** One request and what to call it in errors; `ended` is told the HTTP code, 0 if no answer came. */
export type Exchange = {
  readonly connection: Connection;
  readonly operation: string;
  readonly call: Omit<HttpCall, "signal" | "stream">;
  readonly timeoutMs: number;
  readonly setTimer: SetTimer;
  readonly ended: (code: number) => void;
};

/**
 * Sends a request and gives back its parsed JSON answer.
 * @throws {ApiError} for a status of 400 and more; {ConnectionError} if no whole answer came in time
 */
export async function exchange(request: Exchange, outer?: AbortSignal): Promise<unknown> {
  const deadline = startDeadline({ ...request, outer });
  let code = 0;
  try {
    const answer = await request.connection.request({ ...request.call, signal: deadline.signal });
    const text = await answer.body.text();
    code = answer.status;
    if (code >= 400) throw refusal(request.operation, answer, text);
    return JSON.parse(text);
  } catch (error) {
    throw explain(request.operation, error, deadline);
  } finally {
    deadline.clear();
    request.ended(code);
  }
}

/**
 * Sends a request and gives back its answer as it comes; the time limit ends with the headers.
 * @throws {ApiError} for a status of 400 and more; {ConnectionError} if no headers came in time
 */
export async function openStream(request: Exchange, outer: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const deadline = startDeadline({ ...request, outer });
  let code = 0;
  try {
    const answer = await request.connection.request({ ...request.call, stream: true, signal: deadline.signal });
    code = answer.status;
    if (code >= 400) throw refusal(request.operation, answer, await answer.body.text());
    deadline.disarm();
    return answer.body;
  } catch (error) {
    deadline.clear();
    throw explain(request.operation, error, deadline);
  } finally {
    request.ended(code);
  }
}

function refusal(operation: string, answer: HttpAnswer, text: string): ApiError {
  const seconds = Number.parseInt(answer.retryAfter ?? "", 10);
  return new ApiError(operation, answer.status, statusBody(text), Number.isNaN(seconds) ? undefined : seconds);
}

/** A proxy or a starting server may answer with plain text. */
function statusBody(text: string): StatusBody {
  try {
    const body = JSON.parse(text) as StatusBody | null;
    if (typeof body === "object" && body !== null) return body;
  } catch {
    // told below as it came
  }
  return { message: text.trim().slice(0, 200) };
}

function explain(operation: string, error: unknown, deadline: Deadline): unknown {
  if (deadline.signal.aborted) return deadline.signal.reason;
  if (error instanceof ApiError || error instanceof ConnectionError) return error;
  return new ConnectionError(`${operation}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
