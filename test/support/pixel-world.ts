import { openTestDatabase } from "./database.ts";
import { makeShop, testKeyring } from "./outbox-fixture.ts";
import { type PixelOptions, pixelOwner, startPixelServer } from "./pixel-server.ts";

export type PixelWorld = Awaited<ReturnType<typeof openPixelWorld>>;
type Services = Parameters<typeof startPixelServer>[0];

/** A database with `/pixel` on it, and shops that have a pixel. */
export async function openPixelWorld(optionsOf: (services: Services) => PixelOptions = () => ({})) {
  const db = await openTestDatabase();
  const keyring = testKeyring();
  const server = await startPixelServer({ db, keyring }, optionsOf({ db, keyring }));
  return {
    db,
    keyring,
    server,
    async openShop() {
      const shop = await makeShop({ db, keyring });
      return { shop, owner: await pixelOwner(db, shop.domain) };
    },
    async close() {
      await server.close();
      await db.close();
    },
  };
}
