import { readEmail } from "#app/mapping/person/trace-customer.server.ts";
import {
  type DeletionAnswer,
  requestDeletion,
} from "#app/shops/connection/request-deletion.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  type ClaimedRequest,
  type PrivacyServices,
  readCustomerRequest,
} from "./privacy-request.server.ts";

/** An ad account that Pinterest does not offer the deletion to is not asked again for this long. */
const NOT_OFFERED_DAYS = 30;

/** What the record of a request says of Pinterest. */
type PinterestWord = Exclude<DeletionAnswer["kind"], "waits">;

/**
 * Asks Pinterest to delete what it has of a customer, after all of ours is removed, and records what it
 * said; the request's body goes with that (`keepNoLonger` gives it up in the end). A try whose answer was
 * lost is repeated: to delete twice is to delete. `body`: null where it can be read no more.
 */
export async function askPinterest(
  services: PrivacyServices,
  request: ClaimedRequest,
  body: Buffer | null,
): Promise<PinterestWord | "waits" | "nothing"> {
  const { shop_domain: domain } = request;
  const email = body && readEmail(readCustomerRequest(body).email);
  const shop = await findShop(services, domain);
  if (email === null || shop === null) return record(services, request, null);
  let isTold = true;
  const answer = await requestDeletion(services, shop, email, async (adAccountId) => {
    isTold = !(await wasNotOffered(services, domain, adAccountId));
    return isTold;
  });
  if (answer.kind !== "waits") return record(services, request, { ...answer, isTold });
  await putOff(services, request, answer.seconds);
  return "waits";
}

async function wasNotOffered(
  { db }: Pick<PrivacyServices, "db">,
  domain: string,
  adAccountId: string,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select from compliance_request where shop_domain = $1 and pinterest_account = $2
      and pinterest = 'not_offered' and pinterest_at > now() - interval '${NOT_OFFERED_DAYS} days' limit 1`,
    [domain, adAccountId],
  );
  return rowCount === 1;
}

async function putOff(
  { db }: Pick<PrivacyServices, "db">,
  { id }: ClaimedRequest,
  seconds: number,
): Promise<void> {
  await db.pool.query(
    `update compliance_request set next_at = greatest(next_at, now() + make_interval(secs => $2))
      where id = $1`,
    [id.toString(), seconds],
  );
}

interface PinterestEnd {
  kind: PinterestWord;
  /** Pinterest said so to this request, not to an earlier one. */
  isTold: boolean;
  adAccountId?: string;
  requestId?: string;
}

async function record(
  { db }: Pick<PrivacyServices, "db">,
  { id }: ClaimedRequest,
  end: PinterestEnd | null,
): Promise<PinterestWord | "nothing"> {
  await db.pool.query(
    `update compliance_request set body = null, waits_for = null, pinterest = $2,
        pinterest_at = case when $3 then now() end, pinterest_account = $4, pinterest_request = $5
      where id = $1`,
    [
      id.toString(),
      end?.kind ?? null,
      end?.isTold ?? false,
      end?.adAccountId ?? null,
      end?.requestId ?? null,
    ],
  );
  return end?.kind ?? "nothing";
}
