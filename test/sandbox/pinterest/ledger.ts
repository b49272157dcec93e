import { hash } from "node:crypto";

export type EventBody = Record<string, unknown> & { event_id: string; event_name: string };

/** An event that Pinterest has taken: one per ad account, event id and event name. */
export interface AcceptedEvent {
  adAccountId: string;
  eventId: string;
  eventName: string;
  /** The first body; absent with `keepEvents: false`. */
  event?: EventBody;
  /** Number of the request that brought it first. */
  requestNumber: number;
  /** Milliseconds since 1970. */
  firstAt: number;
  lastAt: number;
  /** The number of times it was accepted, the first included: more than 1 is a repeat. */
  count: number;
  /** How often a tag in the shopper's browser told of it: it counts with ours as one. */
  tagCount: number;
}

/** One call to the events endpoint, whatever became of it. */
export interface LedgerRequest {
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  adAccountId: string;
  token: string | null;
  sizeBytes: number;
  test: boolean;
  /** Event ids in the order of the request; empty when the body could not be read. */
  ids: string[];
  /** Ids that were answered `failed`. */
  failedIds: string[];
  /** Null: no status was sent (hung or reset). */
  status: number | null;
  /** When the answer was out or the connection was lost, in milliseconds since 1970. */
  endedAt: number | null;
  /** The value of `Retry-After` that was sent. */
  retryAfter: string | null;
  /** Kind of the scripted fault that hit it. */
  fault: string | null;
  /** `message` of an error answer. */
  error: string | null;
}

/** Something that no correct client does. */
export interface Violation {
  kind: "changed_repeat" | "rate_exceeded";
  adAccountId: string;
  eventId: string | null;
  requestNumber: number;
}

export interface Ledger {
  readonly accepted: AcceptedEvent[];
  readonly acceptedCount: number;
  readonly requests: LedgerRequest[];
  /** Events taken again under an id and name that was there already. */
  readonly duplicates: number;
  readonly violations: Violation[];
  find(adAccountId: string, eventId: string, eventName?: string): AcceptedEvent | undefined;
  /** The most calls one minute has seen, of this ad account. */
  peakCallsPerMinute(adAccountId: string): number;
  clear(): void;
}

export interface WritableLedger extends Ledger {
  open(request: Pick<LedgerRequest, "at" | "adAccountId" | "token" | "sizeBytes">): LedgerRequest;
  accept(request: LedgerRequest, event: EventBody): void;
  /** An event that a tag sent from a browser: its id and name are all that counts. */
  acceptFromTag(adAccountId: string, event: EventBody, at: number): void;
  report(violation: Violation): void;
  /** Counts a call; true when it is over the limit. */
  countCall(adAccountId: string, at: number): boolean;
}

interface Entry extends AcceptedEvent {
  /** Null until the event came by the API. */
  digest: string | null;
}

const WINDOW_SECONDS = 60;

interface CallWindow {
  /** [second, calls], oldest first, never older than the window. */
  seconds: [number, number][];
  calls: number;
  peak: number;
}

function countInWindow(window: CallWindow, second: number): number {
  while (window.seconds[0] !== undefined && window.seconds[0][0] <= second - WINDOW_SECONDS) {
    window.calls -= window.seconds.shift()?.[1] ?? 0;
  }
  const last = window.seconds.at(-1);
  if (last !== undefined && last[0] === second) last[1] += 1;
  else window.seconds.push([second, 1]);
  window.calls += 1;
  window.peak = Math.max(window.peak, window.calls);
  return window.calls;
}

function isKeyOf(entry: AcceptedEvent, account: string, id: string, name?: string): boolean {
  const isSame = entry.adAccountId === account && entry.eventId === id;
  return isSame && (name === undefined || entry.eventName === name);
}

/**
 * The requests that the local Pinterest received. Events are compared by a digest, so payloads need
 * not be stored.
 */
export function createLedger(options: {
  keepEvents: boolean;
  callsPerMinute: number;
}): WritableLedger {
  const entries = new Map<string, Entry>();
  const requests: LedgerRequest[] = [];
  const violations: Violation[] = [];
  const windows = new Map<string, CallWindow>();
  let duplicates = 0;

  function accept(request: LedgerRequest, event: EventBody): void {
    const key = `${request.adAccountId} ${event.event_name} ${event.event_id}`;
    const digest = hash("sha1", JSON.stringify(event), "base64");
    const known = entries.get(key);
    if (known === undefined || known.digest === null) {
      entries.set(key, {
        adAccountId: request.adAccountId,
        eventId: event.event_id,
        eventName: event.event_name,
        ...(options.keepEvents ? { event } : {}),
        requestNumber: request.number,
        firstAt: known?.firstAt ?? request.at,
        lastAt: request.at,
        count: 1,
        tagCount: known?.tagCount ?? 0,
        digest,
      });
      return;
    }
    duplicates += 1;
    known.count += 1;
    known.lastAt = request.at;
    if (known.digest === digest) return;
    const { adAccountId, number: requestNumber } = request;
    violations.push({
      kind: "changed_repeat",
      adAccountId,
      eventId: event.event_id,
      requestNumber,
    });
  }

  function acceptFromTag(adAccountId: string, event: EventBody, at: number): void {
    const { event_id: eventId, event_name: eventName } = event;
    const key = `${adAccountId} ${eventName} ${eventId}`;
    const known = entries.get(key);
    if (known !== undefined) known.tagCount += 1;
    else {
      const seen = { requestNumber: 0, firstAt: at, lastAt: at, count: 0, tagCount: 1 };
      entries.set(key, { adAccountId, eventId, eventName, ...seen, digest: null });
    }
  }

  return {
    get accepted() {
      return [...entries.values()].map(({ digest: _, ...event }) => event);
    },
    get acceptedCount() {
      return entries.size;
    },
    get duplicates() {
      return duplicates;
    },
    requests,
    violations,
    find(account, id, name) {
      if (name !== undefined) return entries.get(`${account} ${name} ${id}`);
      for (const entry of entries.values()) if (isKeyOf(entry, account, id)) return entry;
      return undefined;
    },
    peakCallsPerMinute: (account) => windows.get(account)?.peak ?? 0,
    clear() {
      entries.clear();
      windows.clear();
      requests.length = 0;
      violations.length = 0;
      duplicates = 0;
    },
    open(seen) {
      const request: LedgerRequest = {
        ...seen,
        number: requests.length + 1,
        ids: [],
        failedIds: [],
        status: null,
        endedAt: null,
        retryAfter: null,
        fault: null,
        error: null,
        test: false,
      };
      requests.push(request);
      return request;
    },
    accept,
    acceptFromTag,
    report: (violation) => void violations.push(violation),
    countCall(account, at) {
      const window = windows.get(account) ?? { seconds: [], calls: 0, peak: 0 };
      windows.set(account, window);
      return countInWindow(window, Math.floor(at / 1000)) > options.callsPerMinute;
    },
  };
}
