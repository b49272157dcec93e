import { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

interface SessionServices {
  db: Pick<Database, "pool">;
  keyring: Keyring;
}

interface SessionRow {
  id: string;
  content: Buffer;
}

/**
 * Shopify's sessions, each encrypted as a whole: they hold access and refresh tokens and names of
 * staff. Asks the database for nothing until it is asked itself.
 */
export function createSessionStorage({ db, keyring }: SessionServices): SessionStorage {
  return {
    async storeSession(session) {
      const content = keyring.encrypt(
        JSON.stringify(session.toObject()),
        buildIdentity(session.id),
      );
      await db.pool.query(
        `insert into shopify_session (id, shop_domain, content) values ($1, $2, $3)
          on conflict (id) do update set shop_domain = excluded.shop_domain,
            content = excluded.content, updated_at = now()`,
        [session.id, session.shop, content],
      );
      return true;
    },

    async loadSession(id) {
      const { rows } = await db.pool.query<SessionRow>(
        "select id, content from shopify_session where id = $1",
        [id],
      );
      return rows.map((row) => decryptSession(keyring, row))[0];
    },

    async deleteSession(id) {
      await db.pool.query("delete from shopify_session where id = $1", [id]);
      return true;
    },

    async deleteSessions(ids) {
      await db.pool.query("delete from shopify_session where id = any($1::text[])", [ids]);
      return true;
    },

    async findSessionsByShop(shop) {
      const { rows } = await db.pool.query<SessionRow>(
        "select id, content from shopify_session where shop_domain = $1 order by id",
        [shop],
      );
      return rows.flatMap((row) => decryptSession(keyring, row) ?? []);
    },
  };
}

function buildIdentity(sessionId: string): string {
  return `shopify_session:${sessionId}`;
}

/**
 * A session that does not open (its key is gone, or it was moved) counts as none: Shopify's library
 * then exchanges a new token, and the merchant notices nothing.
 */
function decryptSession(keyring: Keyring, { id, content }: SessionRow): Session | undefined {
  let plain: string;
  try {
    plain = keyring.decrypt(content, buildIdentity(id)).toString("utf8");
  } catch {
    return undefined;
  }
  const { expires, refreshTokenExpires, ...fields } = JSON.parse(plain);
  return new Session({
    ...fields,
    ...(expires && { expires: new Date(expires) }),
    ...(refreshTokenExpires && { refreshTokenExpires: new Date(refreshTokenExpires) }),
  });
}
