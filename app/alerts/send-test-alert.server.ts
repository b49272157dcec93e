import type { ShopSettings } from "#app/events/shop-settings.ts";
import { adminUrl } from "#app/shops/admin-url.server.ts";
import type { CallbackOutcome } from "#app/tasks/callback/attempt-callback.server.ts";
import type { AlertMessage } from "./compose-message.server.ts";
import {
  addressKey,
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

/** `waitSeconds`: until the shop may send another; 0: it was sent. */
interface TestAnswer {
  waitSeconds: number;
  results: TestResult[];
}

interface TestServices extends SendServices {
  config: Parameters<typeof adminUrl>[0];
  now: Date;
  /** Makes the id of a message: each address gets one of its own. */
  randomId: () => string;
}

/** The words of a test alert. */
const NOTICE = {
  title: "This is a test alert",
  cause: "Somebody asked for it in Pinrelay; nothing is wrong.",
  nextStep: "There is nothing you need to do.",
} as const;

/** How many come at once; after that one in so many seconds. */
const AT_ONCE = 3;
const SHOP_SECONDS = 20;
/** Anybody's address can be entered, and the operator's server sends. */
const MAIL_SECONDS = 3_600;

const ENOUGH: CallbackOutcome = {
  ok: false,
  why: "This address got three tests lately. Try again in an hour.",
  isFinal: true,
};

/**
 * Sends a test alert, once and by the same way as a real one, to everybody whom the settings name. How
 * often is counted in the database: whichever process is asked, by the page or by the command.
 */
export async function sendTestAlert(
  services: TestServices,
  shop: AlertMessage["shop"],
  settings: Pick<ShopSettings, "alert_webhook_url" | "alert_emails">,
): Promise<TestAnswer> {
  const all = listDestinations(settings, { hasMail: services.mail !== null });
  if (all.length === 0) return { waitSeconds: 0, results: [] };
  const waitSeconds = await claimTest(
    services,
    { channel: "shop", address: shop.domain },
    SHOP_SECONDS,
  );
  if (waitSeconds > 0) return { waitSeconds, results: [] };
  const send = (destination: Destination) =>
    sendMessage(services, compose(services, shop), destination);
  const webhooks = Promise.all(
    all
      .filter(({ channel }) => channel !== "email")
      .map(async (one) => toResult(one, await send(one))),
  );
  const emails = sendMails(
    all.filter(({ channel }) => channel === "email"),
    async (destination) =>
      (await claimTest(services, destination, MAIL_SECONDS)) === 0 ? send(destination) : ENOUGH,
  );
  return { waitSeconds, results: (await Promise.all([webhooks, emails])).flat() };
}

const DIGEST = `encode(sha256(convert_to(${addressKey("$1::text", "$2::text")}, 'UTF8')), 'hex')`;

/** Claims one of the tests that a shop or an address may get. Returns 0, or the seconds until the next. */
async function claimTest(
  { db }: Pick<TestServices, "db">,
  { channel, address }: { channel: Channel | "shop"; address: string },
  seconds: number,
): Promise<number> {
  const values = [channel, address, seconds];
  const { rowCount } = await db.pool.query(
    `insert into alert_test (digest, free_at) values (${DIGEST}, now() + make_interval(secs => $3))
      on conflict (digest) do update
        set free_at = greatest(alert_test.free_at, now()) + make_interval(secs => $3)
        where alert_test.free_at <= now() + make_interval(secs => $3 * ${AT_ONCE - 1})`,
    values,
  );
  if (rowCount === 1) return 0;
  const { rows } = await db.pool.query<{ wait: number }>(
    `select ceil(extract(epoch from free_at - now()) - $3 * ${AT_ONCE - 1})::integer as wait
      from alert_test where digest = ${DIGEST}`,
    values,
  );
  return Math.max(1, rows[0]?.wait ?? 1);
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
