import { type DeletedRows, deleteShopRows } from "#app/outbox/redact/delete-shop-rows.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { isInstallProvedSince, removeShop } from "#app/shops/remove-shop.server.ts";
import { answerDataRequest } from "./answer-data-request.server.ts";
import { askPinterest } from "./ask-pinterest.server.ts";
import {
  type ClaimedRequest,
  type PrivacyServices,
  type RequestEnd,
  readCustomerRequest,
  requestIdentity,
  toPerson,
} from "./privacy-request.server.ts";

/** SQL: whether something is left to do of a request: with us, or with Pinterest. */
const IS_OPEN = "(state = 'recorded' or waits_for = 'pinterest')";
/** The waits between tries double from a minute to this. */
const LONGEST_WAIT_MINUTES = 360;

/**
 * Acts on the requests that are due, each for itself: one that fails is tried again, first after a
 * minute, then after twice as long up to six hours, for ever. Returns how many ended.
 */
export async function actOnRequests(services: PrivacyServices): Promise<{ ended: number }> {
  const { results } = await workOnEach<{ id: bigint }, boolean>(services, {
    job: "act-on-privacy-requests",
    describe: ({ id }) => ({ request: String(id) }),
    readPage: (after, limit) => readDue(services, after, limit),
    work: (request) => actOn(services, request.id),
    atOnce: 1,
  });
  return { ended: results.filter(Boolean).length };
}

async function readDue(
  { db }: Pick<PrivacyServices, "db">,
  after: bigint,
  limit: number,
): Promise<{ id: bigint }[]> {
  const { rows } = await db.pool.query<{ id: bigint }>(
    `select id from compliance_request where ${IS_OPEN} and next_at <= now() and id > $1
      order by id limit $2`,
    [after.toString(), limit],
  );
  return rows;
}

async function actOn(services: PrivacyServices, id: bigint): Promise<boolean> {
  const request = await claimRequest(services, id);
  if (request === null) return false;
  const { topic } = request;
  const body = await decryptBody(services, request);
  if (request.state === "done") {
    const said = await askPinterest(services, request, body);
    const fields = { request: String(id), topic, end: said };
    if (said !== "waits")
      services.log.info(fields, "what Pinterest said to a deletion is recorded");
    return false;
  }
  // Without its data key all that the request is about went with the shop.
  const gone: RequestEnd = { kind: "done", removed: {} };
  const end = body === null ? gone : await act(services, request, body);
  await recordEnd(services, request, end);
  if (end.kind === "waits") return false;
  services.log.info({ request: String(id), topic, end: end.kind }, "a privacy request is done");
  if (end.kind === "done" && end.asksPinterest === true) await actOn(services, id);
  return true;
}

/**
 * Claims a request by putting off its next try, which stands whatever becomes of this process. Null:
 * another process has it.
 */
async function claimRequest(
  { db }: Pick<PrivacyServices, "db">,
  id: bigint,
): Promise<ClaimedRequest | null> {
  const { rows } = await db.pool.query<ClaimedRequest>(
    `update compliance_request r set tries = least(r.tries + 1, 1000),
        waits_for = case when r.state = 'done' then r.waits_for else 'fault' end,
        next_at = now() + least(power(2, least(r.tries, 12)), ${LONGEST_WAIT_MINUTES}) * interval '1 minute'
      from (select id from compliance_request
        where id = $1 and ${IS_OPEN} and next_at <= now() for no key update skip locked) due
      where r.id = due.id
      returning r.id, r.shop_domain, r.topic, r.state, r.webhook_id, r.body,
        coalesce(r.triggered_at, r.received_at) as triggered_at, r.received_at`,
    [id.toString()],
  );
  return rows[0] ?? null;
}

/** Null: its data key went with the shop. */
async function decryptBody(
  { db, keyring }: Pick<PrivacyServices, "db" | "keyring">,
  request: ClaimedRequest,
): Promise<Buffer | null> {
  const identity = requestIdentity(request.shop_domain, request.webhook_id);
  try {
    return await keyring.decrypt(db.pool, request.body, identity);
  } catch (error) {
    if (error instanceof KeyringError && error.code === "no_data_key") return null;
    throw error;
  }
}

async function act(
  services: PrivacyServices,
  request: ClaimedRequest,
  body: Buffer,
): Promise<RequestEnd> {
  switch (request.topic) {
    case "customers/redact":
      return redactCustomer(services, request, body);
    case "shop/redact":
      return redactShop(services, request);
    case "customers/data_request":
      return answerDataRequest(services, request, body);
  }
}

/** The body goes with the end: it names the customer. For Pinterest it stays, and is due at once. */
async function recordEnd(
  { db }: Pick<PrivacyServices, "db">,
  { id }: ClaimedRequest,
  end: RequestEnd,
): Promise<void> {
  if (end.kind === "waits") {
    await db.pool.query("update compliance_request set waits_for = $2 where id = $1", [
      id.toString(),
      end.for,
    ]);
    return;
  }
  const isDone = end.kind === "done";
  await db.pool.query(
    `update compliance_request set state = $2, done_at = now(), removed = $3, answer = $4,
        body = case when $5 then body end, waits_for = case when $5 then 'pinterest' end,
        tries = case when $5 then 0 else tries end, next_at = case when $5 then now() else next_at end
      where id = $1 and state = 'recorded'`,
    [
      id.toString(),
      end.kind,
      isDone ? JSON.stringify(end.removed) : null,
      isDone ? (end.answer ?? null) : null,
      isDone && end.asksPinterest === true,
    ],
  );
}

/**
 * Removes all that is kept of a shop, if it has uninstalled the app. A request that is older than the
 * newest proof of an install ends nothing: Shopify sends another one when the shop leaves again. One
 * that is newer, of a shop whose uninstall has not come yet, waits for it.
 */
async function redactShop(
  { db }: Pick<PrivacyServices, "db">,
  { shop_domain: domain, triggered_at: triggeredAt }: ClaimedRequest,
): Promise<RequestEnd> {
  const shop = await findShop({ db }, domain);
  if (shop === null) return { kind: "done", removed: {} };
  if (await isInstallProvedSince(db.pool, shop.id, triggeredAt)) return { kind: "needless" };
  const removed = await deleteShopRows({ db }, shop.id);
  if (!(await removeShop({ db }, shop))) return { kind: "waits", for: "installed" };
  // Requests that are not done yet find nothing of the shop now; those that are done hold answers.
  await db.pool.query(
    "update compliance_request set answer = null where shop_domain = $1 and answer is not null",
    [domain],
  );
  return { kind: "done", removed: nonZero(removed) };
}

function nonZero(removed: DeletedRows): Partial<DeletedRows> {
  return Object.fromEntries(Object.entries(removed).filter(([, n]) => n > 0));
}

/** Removes what is kept of a customer. Of a shop that is not known nothing is kept. */
export async function redactCustomer(
  { db, keyring }: Pick<PrivacyServices, "db" | "keyring">,
  request: Pick<ClaimedRequest, "shop_domain" | "received_at">,
  body: Buffer,
): Promise<RequestEnd> {
  const shop = await findShop({ db }, request.shop_domain);
  const customer = readCustomerRequest(body);
  if (shop === null) return { kind: "done", removed: {} };
  const removed = await redactPerson({ db, keyring }, shop, toPerson(request, customer));
  return { kind: "done", removed, asksPinterest: customer.email !== null };
}
