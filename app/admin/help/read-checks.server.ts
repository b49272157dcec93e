import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { Problem } from "#app/admin/shell/problems/problem.ts";
import { CUSTOMER_BITS } from "#app/events/match-keys.ts";
import { type ClockSkew, measureClockSkew } from "#app/platform/clock-skew.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type CheckFacts, readCheckFacts } from "./read-check-facts.server.ts";
import { helpTexts } from "./texts.ts";
import { CHECK_IDS, type CheckId, type CheckRow, toCheckRow } from "./view.ts";

const { check: texts } = helpTexts;
const SILENT_MS = 24 * 60 * 60 * 1_000;

/** Which problems of the catalogue turn which check red. */
const PROBLEMS: Readonly<Record<CheckId, readonly string[]>> = {
  connection: ["E01", "E09", "E10", "E45", "E46"],
  role: ["E02", "E03"],
  limit: ["E07", "E08"],
  webhooks: ["E04"],
  pixel: ["E18", "E19"],
  embed: ["E20"],
  scopes: ["E21"],
  customerData: ["E22"],
  productIds: ["E23"],
  clock: [],
  queue: ["E05", "E06", "E15"],
  quality: ["E11", "E12", "E13", "E14", "E24"],
};

/**
 * The twelve checks, in order, by what is stored: a problem in the words of the banner, else what
 * shows that all is well, else why that can't be told. `embed` is told by the browser, and `scopes`
 * by Shopify (`askScopes`).
 */
export async function readChecks(
  { db }: { db: Pick<Database, "readAsShop" | "pool"> },
  { id: shopId }: { id: bigint },
  { problems, format }: { problems: readonly Problem[]; format: Formatter },
): Promise<CheckRow[]> {
  const facts = await db.readAsShop(shopId, (tx) => readCheckFacts(tx, shopId, CUSTOMER_BITS));
  const skew = await measureClockSkew(db.pool);
  return CHECK_IDS.map((id) => {
    const problem = problems.find((known) => PROBLEMS[id].includes(known.id));
    return problem === undefined
      ? { id, ...tell(id, facts, skew, format) }
      : toCheckRow(id, problem);
  });
}

type Told = Omit<CheckRow, "id">;

function tell(id: CheckId, facts: CheckFacts, skew: ClockSkew, format: Formatter): Told {
  switch (id) {
    case "connection":
    case "role":
    case "limit":
      return facts.adAccountId === null
        ? unknown(texts.notConnected, { label: texts.connect, url: "/app/settings/connection" })
        : tellOfConnection(id, facts, format);
    case "webhooks":
      return tellOfWebhooks(facts, format);
    case "pixel":
      return unknown(texts.pixel);
    case "embed":
      return unknown(texts.embedUnknown);
    case "scopes":
      return unknown(texts.scopesUnknown);
    case "customerData":
      return facts.withCustomer === 0
        ? unknown(texts.noPurchases)
        : ok(
            say(texts.customerData, {
              n: format.number(facts.withCustomer),
              all: format.number(facts.purchases),
            }),
          );
    case "productIds":
      return facts.idsConfirmedAt === null
        ? unknown(texts.idsUnknown, { label: texts.openSettings, url: "/app/settings" })
        : ok(say(texts.idsConfirmed, { date: dayOf(facts.idsConfirmedAt, format) }));
    case "clock":
      return tellOfClock(skew);
    case "queue":
      return facts.waiting === 0
        ? ok(texts.queueEmpty)
        : ok(say(texts.queue, { n: facts.waiting }));
    case "quality":
      return facts.scoredAt === null
        ? unknown(texts.noScore)
        : ok(say(texts.score, { date: dayOf(facts.scoredAt, format) }), {
            label: texts.openQuality,
            url: "/app/quality",
          });
  }
}

function tellOfConnection(
  id: "connection" | "role" | "limit",
  { adAccountId, acceptedAt, requests }: CheckFacts,
  format: Formatter,
): Told {
  if (id === "connection") return ok(say(texts.connected, { account: adAccountId ?? "" }));
  if (id === "limit") {
    return requests === 0 ? unknown(texts.noRequests) : ok(say(texts.noLimit, { n: requests }));
  }
  return acceptedAt === null
    ? unknown(texts.neverAccepted, { label: texts.openConnection, url: "/app/settings/connection" })
    : ok(say(texts.accepted, { time: format.moment(acceptedAt).text }));
}

function tellOfWebhooks({ lastWebhookAt }: CheckFacts, format: Formatter): Told {
  if (lastWebhookAt === null) return unknown(texts.noWebhook);
  const time = format.moment(lastWebhookAt).text;
  const isSilent = format.now.getTime() - lastWebhookAt.getTime() > SILENT_MS;
  return isSilent
    ? unknown(say(texts.silentWebhook, { time }))
    : ok(say(texts.lastWebhook, { time }));
}

function tellOfClock({ ms, isTolerable }: ClockSkew): Told {
  const s = (Math.abs(ms) / 1_000).toFixed(1);
  if (isTolerable) return ok(say(texts.clock, { s }));
  return {
    result: "problem",
    text: say(texts.clockOff, { s }),
    detail: texts.clockFix,
    fix: null,
  };
}

function dayOf(date: Date, format: Formatter): string {
  return format.day(format.dayOf(date));
}

function ok(text: string, fix: CheckRow["fix"] = null): Told {
  return { result: "ok", text, detail: null, fix };
}

function unknown(text: string, fix: CheckRow["fix"] = null): Told {
  return { result: "unknown", text, detail: null, fix };
}
