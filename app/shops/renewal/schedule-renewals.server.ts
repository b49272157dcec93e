import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import type { RenewalServices } from "./exchange-pair.server.ts";
import { remakeConversionTokens } from "./remake-conversion-tokens.server.ts";
import { dropUnusedSignIns, renewSignIns } from "./renew-sign-ins.server.ts";

/** Every six hours: often enough that an hour without Pinterest costs nothing. */
const TIMES = "40 */6 * * *";

/** Schedules the renewal of sign-ins; the queue sees that one process does it at a time. */
export async function scheduleRenewals({
  log,
  queue,
  ...services
}: RenewalServices & {
  db: Pick<Database, "pool" | "transaction">;
  log: Logger;
  pinterest: Pick<PinterestClient, "createConversionToken">;
  queue: Pick<Queue, "schedule">;
}): Promise<void> {
  await queue.schedule("renew-sign-ins", TIMES, async () => {
    const results = await renewSignIns({ ...services, log });
    const hasFailed = results.refused + results.unavailable + results.failed > 0;
    if (hasFailed) log.warn(results, "some sign-ins with Pinterest could not be renewed");
    else if (results.renewed > 0) log.info(results, "sign-ins with Pinterest renewed");
    const made = await remakeConversionTokens({ ...services, log });
    if (made > 0) log.info({ made }, "conversion tokens made in place of refused ones");
    await dropUnusedSignIns(services);
  });
}
