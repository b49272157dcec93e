import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

const requestIds = new AsyncLocalStorage<string>();

/** What a proxy gives as an id. Anyone may send the header, so nothing else goes to the log. */
const REQUEST_ID = /^[\w-]{8,64}$/;

/** The id that a proxy in front gave the request, so that its log and ours meet; else a new one. */
export function readRequestId(header: string | readonly string[] | undefined): string {
  return typeof header === "string" && header.length <= 64 && REQUEST_ID.test(header)
    ? header
    : randomUUID();
}

/** Does the work of one request: every log line that it writes has the request's id. */
export function inRequest<Result>(requestId: string, work: () => Result): Result {
  return requestIds.run(requestId, work);
}

/** Starts what outlives the request that happens to need it first. */
export function outsideRequest<Result>(work: () => Result): Result {
  return requestIds.exit(work);
}

export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}
