import type { Database } from "#app/platform/db.server.ts";

export interface AuditRow {
  actor: string;
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What was noted of a shop, oldest first. */
export async function auditOf(db: Database, domain: string): Promise<AuditRow[]> {
  const { rows } = await db.pool.query<AuditRow>(
    `select actor, action, before, after from audit_entry
      where shop_id = (select id from shop where domain = $1) order by id`,
    [domain],
  );
  return rows;
}

export async function connectionOf(
  db: Database,
  domain: string,
): Promise<{ state: string; pause_reason: string | null; ad_account_id: string } | undefined> {
  const { rows } = await db.pool.query(
    `select c.state, c.pause_reason, c.ad_account_id from connection c
      join shop s on s.id = c.shop_id where s.domain = $1`,
    [domain],
  );
  return rows[0];
}
