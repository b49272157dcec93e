import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";

export const TOKEN = "pina_0123456789canarytoken";
export const ACCOUNT = "549755885175";

/**
 * A strict Pinterest that knows one token and one ad account, and a folder, for the tests of a file;
 * healed and cleared before each.
 */
export function openTaskWorld(): { pinterest: LocalPinterest; folder: string } {
  const world = {} as { pinterest: LocalPinterest; folder: string };
  beforeAll(async () => {
    world.folder = await mkdtemp(path.join(tmpdir(), "pinrelay-tasks-"));
    world.pinterest = await startLocalPinterest();
    world.pinterest.directory.addAccount({ id: ACCOUNT });
    world.pinterest.directory.addToken(TOKEN);
  });
  beforeEach(() => {
    world.pinterest.heal();
    world.pinterest.ledger.clear();
  });
  afterAll(async () => {
    await world.pinterest.close();
    await rm(world.folder, { recursive: true });
  });
  return world;
}
