import type { PageReport } from "#app/events/browser-event.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  recordHeardShops,
  recordSenders,
  type SeenSender,
} from "#app/shops/record-storefront.server.ts";

/** Remembers what pages say of a shop's storefront, and writes it beside the commits. */
export interface StorefrontNotes {
  /** `report`: what the theme's script saw; null where the pixel alone was heard. */
  add(shop: { id: bigint; hasPixel: boolean }, report: PageReport | null): void;
  /** Begins to write what is new, unless that is under way. Never throws, and never waits. */
  write(): void;
  /** Resolves when it is written which shops were heard. Never rejects. */
  writeHeard(): Promise<void>;
}

/** What was written is not written again for so long. */
const WRITTEN_MS = 60_000;
/** More than a process serves in a minute; then all are forgotten, and written once more. */
const MOST_REMEMBERED = 20_000;

export function createStorefrontNotes({
  db,
  log,
  nowMs,
}: {
  db: Pick<Database, "pool">;
  log: Logger;
  nowMs: () => number;
}): StorefrontNotes {
  const written = new Map<string, number>();
  let heard = new Map<bigint, boolean>();
  let senders = new Map<string, SeenSender>();
  let isWriting = false;
  let heardIsWritten = Promise.resolve();

  function isNew(key: string): boolean {
    const at = written.get(key);
    if (at !== undefined && nowMs() - at < WRITTEN_MS) return false;
    if (written.size >= MOST_REMEMBERED) written.clear();
    written.set(key, nowMs());
    return true;
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // The next page of the shop says the same.
      written.clear();
      log.warn({ err: error }, "what a storefront told of itself could not be written");
    }
  }

  function writeHeard(): Promise<void> {
    const shops = [...heard].map(([shopId, hasEmbed]) => ({ shopId, hasEmbed }));
    heard = new Map();
    if (shops.length > 0) {
      heardIsWritten = heardIsWritten.then(() => attempt(() => recordHeardShops(db.pool, shops)));
    }
    return heardIsWritten;
  }

  async function writeAll(): Promise<void> {
    while (heard.size + senders.size > 0) {
      const seen = [...senders.values()];
      senders = new Map();
      await writeHeard();
      if (seen.length > 0) await attempt(() => recordSenders(db.pool, seen));
    }
    isWriting = false;
  }

  return {
    add({ id: shopId, hasPixel }, report) {
      // Its row may have been locked when it was to be written first.
      if (isNew(`${shopId}`) || !hasPixel) heard.set(shopId, heard.get(shopId) ?? false);
      if (report === null) return;
      if (isNew(`${shopId} embed`)) heard.set(shopId, true);
      for (const sender of listSenders(shopId, report)) {
        const key = `${shopId} ${sender.kind} ${sender.tagId} ${sender.sharesIds}`;
        if (isNew(key)) senders.set(key, sender);
      }
    },
    write() {
      if (isWriting || heard.size + senders.size === 0) return;
      isWriting = true;
      void writeAll();
    },
    writeHeard,
  };
}

/** Pinterest's cookie alone means that its tag is or was on some page. */
function listSenders(shopId: bigint, { tagIds, sharesIds, hasCookie }: PageReport): SeenSender[] {
  const tags = tagIds.map((tagId) => ({ shopId, kind: "tag" as const, tagId, sharesIds }));
  if (tags.length > 0 || !hasCookie) return tags;
  return [{ shopId, kind: "cookie", tagId: "", sharesIds }];
}
