import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import { isDirectSql, type SealedColumn } from "#app/platform/keys/rotate-keys.server.ts";
import { answerIdentity, requestIdentity } from "./privacy-request.server.ts";

interface RequestRow {
  id: string;
  shop_id: bigint | null;
  shop_domain: string;
  webhook_id: string;
}

const IDENTITIES = {
  body: ({ shop_domain: domain, webhook_id: id }: RequestRow) => requestIdentity(domain, id),
  answer: ({ shop_domain: domain, id }: RequestRow) => answerIdentity(domain, BigInt(id)),
};

/** The encrypted columns of compliance requests. */
export const privacyColumns: readonly SealedColumn[] = Object.entries(IDENTITIES).map(
  ([column, identityOf]) => ({
    name: `compliance_request.${column}`,
    select: `select r.id::text, s.id as shop_id, r.shop_domain, r.webhook_id, r.${column} as sealed
      from compliance_request r left join shop s on s.domain = r.shop_domain
      where ${isDirectSql(`r.${column}`)}`,
    bind: (row: RequestRow) => ({ owner: row.shop_id ?? INSTALLATION, identity: identityOf(row) }),
    replace: `update compliance_request c set ${column} = decode(r.fresh, 'hex')
      from json_to_recordset($1) as r(id bigint, old text, fresh text)
      where c.id = r.id and c.${column} = decode(r.old, 'hex')`,
  }),
);
