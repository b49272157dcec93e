import { createPinterestClient, type PinterestClient } from "#app/pinterest/client.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

export type SignedInShop = Awaited<ReturnType<typeof makeShop>>;

/** What reading tags and scores needs, between a real database and a strict Pinterest. */
export interface SignInWorld {
  db: TestDatabase;
  keyring: ReturnType<typeof testKeyring>;
  log: ReturnType<typeof createLogger>;
  /** Counts what it is asked. */
  pinterest: PinterestClient;
  local: LocalPinterest;
  asked: { method: string; adAccountId: string }[];
  /** A shop that signed in, unless another kind of connection is wanted. */
  openShop(kind?: "sign_in" | "pasted"): Promise<SignedInShop>;
  close(): Promise<void>;
}

export async function openSignInWorld(): Promise<SignInWorld> {
  const db = await openTestDatabase();
  const keyring = testKeyring();
  const local = await startLocalPinterest();
  const client = createPinterestClient({ apiUrl: local.url, timeoutMs: 1_000 });
  const asked: SignInWorld["asked"] = [];
  return {
    db,
    keyring,
    log: createLogger("silent"),
    local,
    asked,
    pinterest: counting(client, asked),
    async openShop(kind = "sign_in") {
      const shop = await makeShop({ db, keyring });
      await db.pool.query("update connection set kind = $2 where shop_id = $1", [shop.id, kind]);
      return shop;
    },
    async close() {
      await client.close();
      await local.close();
      await db.close();
    },
  };
}

function counting(client: PinterestClient, asked: SignInWorld["asked"]): PinterestClient {
  const count = <Query extends { adAccountId: string }, Answer>(
    method: string,
    ask: (query: Query) => Answer,
  ) => {
    return (query: Query): Answer => {
      asked.push({ method, adAccountId: query.adAccountId });
      return ask(query);
    };
  };
  return {
    ...client,
    listTags: count("listTags", client.listTags),
    getTag: count("getTag", client.getTag),
    createTag: count("createTag", client.createTag),
    getEventQuality: count("getEventQuality", client.getEventQuality),
  };
}
