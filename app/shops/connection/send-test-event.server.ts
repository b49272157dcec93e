import { randomUUID } from "node:crypto";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { isForeign } from "#app/pinterest/exchange.server.ts";
import { digest } from "#app/platform/digest.server.ts";

/** Pinterest's answer to a test event, and so about the token and the ad account. */
export type TestVerdict =
  | { kind: "processed" }
  /** Token and account are good; the event was not. */
  | { kind: "failed"; message: string }
  /** The token. */
  | { kind: "unauthorized" }
  /** The account: no role on it, or no such account (Pinterest does not tell which). */
  | { kind: "forbidden" }
  | { kind: "not_found" }
  | { kind: "down"; message: string }
  | { kind: "unreadable"; message: string };

export type TestAnswer =
  | TestVerdict
  /** Ten test requests a second, for all users of the app together. */
  | { kind: "limited"; seconds: number };

export interface TestServices {
  pinterest: Pick<PinterestClient, "sendEvents">;
  nowMs: () => number;
}

/** One request of one synthetic event, which Pinterest checks and does not record. */
export async function sendTestEvent(
  { pinterest, nowMs }: TestServices,
  { adAccountId, token, domain }: { adAccountId: string; token: string; domain: string },
): Promise<TestAnswer> {
  const body = JSON.stringify(testEvent(domain, nowMs()));
  const answer = await pinterest.sendEvents({ adAccountId, token, bodies: [body], test: true });
  if (answer.kind === "lost") {
    const isSilence = answer.reason === "timeout" || answer.reason === "network";
    return { kind: isSilence ? "down" : "unreadable", message: answer.message };
  }
  if (answer.kind === "answered") {
    const [event] = answer.events;
    if (event?.status === "processed") return { kind: "processed" };
    return { kind: "failed", message: event?.errorMessage ?? "Pinterest gave no reason" };
  }
  const { httpStatus, message, retryAfterSeconds } = answer;
  if (httpStatus !== 429 && isForeign(answer)) return { kind: "down", message };
  if (httpStatus === 401) return { kind: "unauthorized" };
  if (httpStatus === 403) return { kind: "forbidden" };
  if (httpStatus === 404) return { kind: "not_found" };
  if (httpStatus === 429) return { kind: "limited", seconds: retryAfterSeconds ?? 1 };
  return httpStatus >= 500 ? { kind: "down", message } : { kind: "failed", message };
}

/** This address is reserved for examples and belongs to no one. */
const EMAIL = "connection-test@example.com";

function testEvent(domain: string, nowMs: number): ConversionEvent {
  return {
    event_name: "page_visit",
    action_source: "web",
    event_time: Math.floor(nowMs / 1_000),
    event_id: `pinrelay-connection-test-${randomUUID()}`,
    event_source_url: `https://${domain}/`,
    partner_name: "ss-pinrelay",
    user_data: { em: [digest(EMAIL)] },
  };
}
