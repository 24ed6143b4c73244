import assert from "node:assert/strict";
import { ApiError } from "../lab/api-client.ts";

/** What the API server says to a write: "" if it takes it. */
export async function said(write: Promise<unknown>): Promise<string> {
  try {
    await write;
    return "";
  } catch (error) {
    return error instanceof ApiError ? error.message : assert.fail(String(error));
  }
}
