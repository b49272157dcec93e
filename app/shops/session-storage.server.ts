import { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { sessionIdentity } from "#app/events/encryption-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";

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
      const text = JSON.stringify(session.toObject());
      const identity = sessionIdentity(session.id);
      const content = await keyring.encrypt(db.pool, INSTALLATION, text, identity);
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
      const [session] = await decryptSessions({ db, keyring }, rows);
      return session;
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
      return decryptSessions({ db, keyring }, rows);
    },
  };
}

async function decryptSessions(
  { db, keyring }: SessionServices,
  rows: readonly SessionRow[],
): Promise<Session[]> {
  const keys = await keyring.load(db.pool, listOwners(rows.map(({ content }) => content)));
  return rows.flatMap((row) => decryptSession(keys, row) ?? []);
}

/**
 * A session that does not open (its key is gone, or it was moved) counts as none: Shopify's library
 * then exchanges a new token, and the merchant notices nothing.
 */
function decryptSession(keys: Decrypter, { id, content }: SessionRow): Session | undefined {
  let plain: string;
  try {
    plain = keys.decrypt(content, sessionIdentity(id)).toString("utf8");
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
