import type { Pool } from "pg";
import type { StoreOrder } from "#app/events/store-event.ts";
import { NO_EVIDENCE, type Visit, visitKey } from "#app/events/visit.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { openVisit, type SealedVisit } from "./visit-body.server.ts";

/** What an order, a checkout or a new customer of a shop knows of its visit; null: it does not say. */
export interface VisitQuestion {
  shopId: bigint;
  checkoutToken: string | null;
  orderId: string | null;
  cartToken: string | null;
  /** The key of a visit, and when the customer came to be. */
  signUp?: { key: string; atSeconds: number };
}

/**
 * Asks for the visit of an order. The number of a sale by the staff, a subscription or the API is
 * known to no browser: a stranger has guessed it. A channel's order (a headless shop's, a Buy Button's)
 * has one where Shopify's checkout made it, but that has a checkout's token, which is asked for first.
 */
export function askByOrder(
  shopId: bigint,
  order: Pick<StoreOrder, "id" | "sourceName" | "checkoutToken" | "cartToken">,
): VisitQuestion {
  const { id, sourceName, checkoutToken, cartToken } = order;
  return { shopId, checkoutToken, cartToken, orderId: sourceName === "web" ? id : null };
}

/**
 * SQL: how far from a new customer the form may be that the browser told. Shopify may ask a shopper
 * first to prove that they are no robot. An email can be known to others: the shorter the time, the
 * harder to tell of a stranger's sign-up.
 */
export const isNearFormSql = (seenAt: string, createdAt: string) =>
  `${seenAt} between ${createdAt} - interval '10 minutes' and ${createdAt} + interval '1 minute'`;

/** The columns of a visit from which `readVisitRow` makes it. */
export interface VisitRow {
  shop_id: bigint;
  visit_key: string;
  started_event_id: string | null;
  completed_event_id: string | null;
  is_refused: boolean;
  body: Buffer;
  click_id: Buffer | null;
}

/** SQL: those columns, of a visit `v`. */
export const VISIT_COLUMNS =
  "v.shop_id, v.visit_key, v.started_event_id, v.completed_event_id, v.is_refused, v.body, v.click_id";

/**
 * Finds the visits of orders and checkouts, one result for each, by index, in one query: by the
 * checkout's token, else by the order's id, else by the cart's token. A visit that cannot be read
 * is as none, and logged.
 */
export async function readVisits(
  services: { pool: Pick<Pool, "query">; keyring: Keyring; log: Logger },
  questions: readonly VisitQuestion[],
): Promise<(Visit | null)[]> {
  return findVisits(services, questions, async (statement) => {
    const { rows } = await services.pool.query<VisitRow>(statement);
    return rows;
  });
}

/** The same of one order, read as its shop. */
export async function readVisitAsShop(
  { db, keyring }: { db: Pick<Database, "pool" | "queryAsShop">; keyring: Keyring },
  question: VisitQuestion,
): Promise<Visit | null> {
  const [visit = null] = await findVisits({ pool: db.pool, keyring }, [question], (statement) =>
    db.queryAsShop<VisitRow>(question.shopId, statement),
  );
  return visit;
}

type ReadRows = (statement: {
  name: string;
  text: string;
  values: unknown[];
}) => Promise<VisitRow[]>;

async function findVisits(
  { pool, keyring, log }: { pool: Pick<Pool, "query">; keyring: Keyring; log?: Logger },
  questions: readonly VisitQuestion[],
  readRows: ReadRows,
): Promise<(Visit | null)[]> {
  const asked = questions.map(listKeys);
  const keys = questions.flatMap(({ shopId, signUp }, index) =>
    (asked[index] ?? []).map((key) => ({
      shop: shopId.toString(),
      key,
      atSeconds: signUp?.atSeconds ?? null,
    })),
  );
  if (keys.length === 0) return questions.map(() => null);
  const rows = await readRows({
    name: "read-visits",
    text: `select ${VISIT_COLUMNS} from visit v
      join unnest($1::bigint[], $2::text[], $3::bigint[]) asked (shop_id, visit_key, at)
        using (shop_id, visit_key)
      where asked.at is null
        or ${isNearFormSql("v.seen_at", "to_timestamp(asked.at)")}`,
    values: [
      keys.map(({ shop }) => shop),
      keys.map(({ key }) => key),
      keys.map(({ atSeconds }) => atSeconds),
    ],
  });
  const keysInHand = await keyring.load(pool, listVisitOwners(rows));
  const found = new Map(rows.map((row) => [`${row.shop_id}\n${row.visit_key}`, row]));
  return questions.map((question, index) => {
    for (const key of asked[index] ?? []) {
      const row = found.get(`${question.shopId}\n${key}`);
      const visit =
        row === undefined ? null : readVisitRow({ keys: keysInHand, ...(log && { log }) }, row);
      if (visit !== null && !isGuessable(question, key)) return visit;
      if (visit?.consent.marketingAllowed === false) return { ...REFUSED, ...NO_IDS };
    }
    return null;
  });
}

function listKeys({ checkoutToken, orderId, cartToken, signUp }: VisitQuestion): string[] {
  return [
    ...(checkoutToken === null ? [] : [visitKey("checkout", checkoutToken)]),
    ...(orderId === null ? [] : [visitKey("order", orderId)]),
    ...(cartToken === null ? [] : [visitKey("cart", cartToken)]),
    ...(signUp === undefined ? [] : [signUp.key]),
  ];
}

/**
 * Anyone can tell of a checkout, and the number of an order can be guessed, while the tokens of its
 * checkout and its cart are known to its shopper alone. So where an order has a checkout's token, a
 * stranger may take the use of a shopper's data back, and adds nothing: under one invented id
 * Pinterest would count the orders of many as one. An order without that token has no other key.
 */
function isGuessable({ checkoutToken, orderId }: VisitQuestion, key: string): boolean {
  return checkoutToken !== null && orderId !== null && key === visitKey("order", orderId);
}

/** The owners of the data keys that visits need. */
export function listVisitOwners(rows: readonly VisitRow[]): Set<bigint> {
  return listOwners(rows.flatMap(({ body, click_id: clickId }) => [body, clickId]));
}

/** Null, and logged, where it cannot be decrypted or read: an order is worth more than its visit. */
export function readVisitRow(
  { keys, log }: { keys: Decrypter; log?: Logger },
  row: VisitRow,
): Visit | null {
  const identity = { shopId: row.shop_id, key: row.visit_key };
  const sealed: SealedVisit = { body: row.body, clickId: row.click_id };
  const ids = { startedEventId: row.started_event_id, completedEventId: row.completed_event_id };
  // A refusal counts even where the rest cannot be read.
  if (row.is_refused) return { ...ids, ...REFUSED };
  try {
    return { ...ids, ...openVisit(keys, identity, sealed) };
  } catch (error) {
    log?.error({ err: error, shopId: String(row.shop_id) }, "a visit cannot be read: left out");
    return null;
  }
}

const REFUSED: Pick<Visit, "consent" | "evidence"> = {
  consent: { marketingAllowed: false, saleOfDataAllowed: null },
  evidence: NO_EVIDENCE,
};

const NO_IDS: Pick<Visit, "startedEventId" | "completedEventId"> = {
  startedEventId: null,
  completedEventId: null,
};
