import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";

interface BeatServices {
  db: { reserved: Pick<Database, "pool"> };
  log: Logger;
  /** How many webhooks this process has sent back. */
  countRefused: () => number;
}

const EVERY_MS = 60_000;
/** Without a beat of any process for longer, webhooks may have been lost. */
const OUTAGE_MINUTES = 10;
/** So many webhooks that are sent back between two beats of a process are an outage too. */
const OUTAGE_REFUSALS = 10;

/** Tells once a minute that a process takes webhooks, for as long as it runs. */
export function beatWhileServing(services: BeatServices): void {
  const beat = createBeat(services);
  void beat();
  setInterval(() => void beat(), EVERY_MS).unref();
}

/** One beat. While the database takes no write there is none, and the next one that it takes sees it. */
export function createBeat({ db, log, countRefused }: BeatServices): () => Promise<void> {
  let told = 0;
  return async () => {
    const refused = countRefused();
    try {
      await db.reserved.pool.query(
        `insert into intake_beat (beat_at) values (now()) on conflict (id) do update set
          outage_at = case when $1 >= ${OUTAGE_REFUSALS}
              or intake_beat.beat_at < now() - interval '${OUTAGE_MINUTES} minutes'
            then now() else intake_beat.outage_at end,
          beat_at = now()`,
        [refused - told],
      );
      told = refused;
    } catch (error) {
      log.debug({ err: error }, "the beat of intake could not be stored");
    }
  };
}
