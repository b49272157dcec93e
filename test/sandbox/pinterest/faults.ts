/** The calls that a fault may hit: events, reads and writes of accounts and tags, or OAuth. */
export type Endpoint = "events" | "accounts" | "oauth";

interface Scope {
  /** Absent: every ad account. */
  adAccountId?: string;
  /** Default `events`. */
  endpoint?: Endpoint;
  /** The number of matching calls that it hits; absent: all, until healed. */
  times?: number;
}

/**
 * A scripted misbehaviour. Where `recorded` is true the events are taken before things go wrong,
 * which is the case a client must survive without sending twice under another id.
 */
export type Fault = Scope &
  (
    | {
        kind: "status";
        status: 400 | 401 | 403 | 404 | 422 | 429 | 500 | 502 | 503;
        /** Sent as `Retry-After`, seconds or an HTTP date. */
        retryAfter?: number | string;
        /** For 422: true if `details` lists the events; its content is undocumented. */
        details?: "events" | "none";
        /** For 422 with events: these fail, the others are accepted. Default: the first one. */
        failedIds?: string[];
        recorded?: boolean;
      }
    /** Never answers. */
    | { kind: "hang"; recorded: boolean }
    /** Cuts the connection before a status is sent. */
    | { kind: "reset"; recorded: boolean }
    /** Takes the events, then sends the body a byte at a time, one every `everyMs`. */
    | { kind: "drip"; everyMs: number }
    /** Takes the events, announces the whole body, sends half and cuts the connection. */
    | { kind: "cut" }
    /** Takes the events, then answers 200 with text that is not JSON. */
    | { kind: "malformed" }
    /** Takes the events, then answers 200 with the first half of the JSON, at its proper length. */
    | { kind: "truncated" }
    /** Takes the events, then answers for one event fewer than it got. */
    | { kind: "wrong_length" }
    /** Takes the events, then answers for them in reverse order. */
    | { kind: "shuffled" }
    /** Takes the events, then sends `sizeBytes` (default 10 MiB) of valid JSON. */
    | { kind: "huge"; sizeBytes?: number }
    /** Works as it should, `ms` later. */
    | { kind: "latency"; ms: number }
    /** 400 for any request that holds this event, as for one unknown key among a thousand events. */
    | { kind: "poison"; eventId: string; as?: "refuse_batch" }
    /** 200, and this one event `failed`, or taken with a warning. */
    | { kind: "poison"; eventId: string; as: "fail_event" | "warn_event"; message?: string }
  );

export type FaultKind = Fault["kind"];

export interface FaultHits {
  /** Waits before anything happens. */
  latencyMs: number;
  /** The one fault that decides how the call is answered, if any. */
  answer: Fault | undefined;
  poisons: Extract<Fault, { kind: "poison" }>[];
}

export interface FaultScript {
  add(fault: Fault): void;
  /** Lifts the faults of an ad account (those meant for it by name), or all. */
  heal(adAccountId?: string): void;
  /** Returns the faults that hit this call; uses up `times`. */
  take(call: { endpoint: Endpoint; adAccountId: string | null; ids: string[] }): FaultHits;
}

const KINDS: Record<FaultKind, true> = {
  status: true,
  hang: true,
  reset: true,
  drip: true,
  cut: true,
  malformed: true,
  truncated: true,
  wrong_length: true,
  shuffled: true,
  huge: true,
  latency: true,
  poison: true,
};

/** Reads faults sent over the control route: one or a list. Throws on an unknown kind. */
export function parseFaults(json: string): Fault[] {
  const parsed: unknown = JSON.parse(json);
  const list = Array.isArray(parsed) ? parsed : [parsed];
  for (const item of list) {
    const kind = (item as { kind?: unknown } | null)?.kind;
    if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
      throw new Error(`unknown fault kind: ${JSON.stringify(kind)}`);
    }
  }
  return list as Fault[];
}

export function createFaultScript(): FaultScript {
  let faults: { fault: Fault; left: number }[] = [];

  return {
    add: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    heal(adAccountId) {
      faults = adAccountId ? faults.filter(({ fault }) => fault.adAccountId !== adAccountId) : [];
    },
    take({ endpoint, adAccountId, ids }) {
      const hits: FaultHits = { latencyMs: 0, answer: undefined, poisons: [] };
      for (const entry of faults) {
        const { fault } = entry;
        if ((fault.endpoint ?? "events") !== endpoint) continue;
        if (fault.adAccountId !== undefined && fault.adAccountId !== adAccountId) continue;
        if (fault.kind === "poison") {
          if (!ids.includes(fault.eventId)) continue;
          hits.poisons.push(fault);
        } else if (fault.kind === "latency") {
          hits.latencyMs += fault.ms;
        } else {
          if (hits.answer !== undefined) continue;
          hits.answer = fault;
        }
        entry.left -= 1;
      }
      faults = faults.filter(({ left }) => left > 0);
      return hits;
    },
  };
}
