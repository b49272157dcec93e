import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { TokenBuckets } from "#app/platform/http/token-buckets.server.ts";
import { adminUrl } from "#app/shops/admin-url.server.ts";
import type { CallbackOutcome } from "#app/tasks/callback/attempt-callback.server.ts";
import type { AlertMessage } from "./compose-message.server.ts";
import {
  type Channel,
  type Destination,
  listDestinations,
  nameDestination,
} from "./destinations.server.ts";
import { type SendServices, sendMessage } from "./send-message.server.ts";

/** How a test alert came to one destination. */
export interface TestResult {
  channel: Channel;
  /** The host of a webhook, or the email address. */
  name: string;
  outcome: CallbackOutcome;
}

interface TestServices extends SendServices {
  config: Parameters<typeof adminUrl>[0];
  now: Date;
  /** Makes the id of a message: each address gets one of its own. */
  randomId: () => string;
  /** Whether an email address may get one more. */
  mayMail: (address: string) => boolean;
}

/** The words of a test alert. */
const NOTICE = {
  title: "This is a test alert",
  cause: "Somebody asked for it in Pinrelay; nothing is wrong.",
  nextStep: "There is nothing you need to do.",
} as const;

/** Anybody's address can be entered, and the operator's server sends: three at once, then one an hour. */
export const TEST_MAIL_LIMITS = { perSecond: 1 / 3_600, burst: 3, maxKeys: 100_000 };

export function mayGetTest(buckets: TokenBuckets, address: string, nowMs: number): boolean {
  return buckets.take(address.toLowerCase(), nowMs) === 0;
}

const ENOUGH: CallbackOutcome = {
  ok: false,
  why: "This address got three tests lately. Try again in an hour.",
  isFinal: true,
};

/** Sends a test alert, once and by the same way as a real one, to everybody whom the settings name. */
export async function sendTestAlert(
  services: TestServices,
  shop: AlertMessage["shop"],
  settings: Pick<ShopSettings, "alert_webhook_url" | "alert_emails">,
): Promise<TestResult[]> {
  const send = (destination: Destination) =>
    sendMessage(services, compose(services, shop), destination);
  const all = listDestinations(settings, { hasMail: services.mail !== null });
  const webhooks = Promise.all(
    all
      .filter(({ channel }) => channel !== "email")
      .map(async (one) => toResult(one, await send(one))),
  );
  const emails = sendMails(
    all.filter(({ channel }) => channel === "email"),
    (destination) =>
      services.mayMail(destination.address) ? send(destination) : Promise.resolve(ENOUGH),
  );
  return (await Promise.all([webhooks, emails])).flat();
}

/** One after the other; a server that can't be used for one address can't be for the next. */
async function sendMails(
  destinations: Destination[],
  send: (destination: Destination) => Promise<CallbackOutcome>,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  let fault: CallbackOutcome | null = null;
  for (const destination of destinations) {
    const outcome: CallbackOutcome = fault ?? (await send(destination));
    if (!outcome.ok && !outcome.isFinal) fault = outcome;
    results.push(toResult(destination, outcome));
  }
  return results;
}

function toResult(destination: Destination, outcome: CallbackOutcome): TestResult {
  return { channel: destination.channel, name: nameDestination(destination), outcome };
}

function compose(
  { config, now, randomId }: TestServices,
  shop: AlertMessage["shop"],
): AlertMessage {
  return {
    id: `msg_alert_test_${randomId()}`,
    phase: "test",
    shop,
    cause: "test",
    severity: "info",
    notice: NOTICE,
    begunAt: now,
    endedAt: null,
    link: adminUrl(config, shop.domain, "/settings"),
  };
}
