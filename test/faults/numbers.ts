import type { Figure } from "./numbers/figure.ts";
import { measureRedaction, measureSweep } from "./numbers/found-and-deleted.ts";
import { measureHostile } from "./numbers/hostile.ts";
import { measureLosses } from "./numbers/losses.ts";
import { measurePace } from "./numbers/pace.ts";
import { measureDeploy, measureSoak } from "./numbers/paced.ts";
import {
  measurePoison,
  measurePostgresRecovery,
  measureWorkerRecovery,
} from "./numbers/recovery.ts";

export interface Sizes {
  seed: number;
  acks: number;
  kills: number;
  minutes: number;
  perSecond: number;
}

/** What `--numbers <name>` measures; each prints what docs/reliability.md says of it. */
const MEASURES: Record<string, (sizes: Sizes) => Promise<Figure[]>> = {
  losses: ({ acks, kills, seed }) => measureLosses(acks, kills, seed),
  worker: ({ seed }) => measureWorkerRecovery(seed),
  postgres: ({ seed }) => measurePostgresRecovery(seed),
  poison: measurePoison,
  pace: ({ seed }) => measurePace(seed),
  hostile: measureHostile,
  sweep: measureSweep,
  redaction: measureRedaction,
  deploy: ({ perSecond }) => measureDeploy(perSecond),
  soak: ({ minutes, perSecond }) => measureSoak(minutes, perSecond),
};

/** Measures what is named, or all; false where a goal was missed or a name is unknown. */
export async function printNumbers(names: readonly string[], sizes: Sizes): Promise<boolean> {
  const unknown = names.filter((name) => !Object.hasOwn(MEASURES, name));
  if (unknown.length > 0) {
    console.error(
      `There is no ${unknown.join(", ")}. There are: ${Object.keys(MEASURES).join(", ")}`,
    );
    return false;
  }
  let areReached = true;
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const { what, value, goal, isReached } of await measure(sizes)) {
      areReached &&= isReached;
      console.log(`${isReached ? "ok  " : "MISS"} ${what}: ${value}; goal ${goal}`);
    }
  }
  return areReached;
}
