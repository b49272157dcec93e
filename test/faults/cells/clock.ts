import { setTimeout as wait } from "node:timers/promises";
import type { Cell } from "#test/faults/cell.ts";
import type { SupervisedApp } from "#test/faults/supervised-app.ts";

const HOUR_MS = 3_600_000;
/** A process reads its clock's fault every 50 ms. */
const TAKEN_UP_MS = 300;

type Jump = { of: "webs" | "workers" | "apps"; byMs: number };

/** Which clocks jump, and by how much: back and forth, together and apart. */
const JUMPS: Record<string, Jump[]> = {
  "an hour forward, everywhere": [{ of: "apps", byMs: HOUR_MS }],
  "an hour back, everywhere": [{ of: "apps", byMs: -HOUR_MS }],
  "eight days forward, at the workers": [{ of: "workers", byMs: 8 * 24 * HOUR_MS }],
  "a year back, at the workers": [{ of: "workers", byMs: -365 * 24 * HOUR_MS }],
  "two hours apart": [
    { of: "webs", byMs: HOUR_MS },
    { of: "workers", byMs: -HOUR_MS },
  ],
};

export const clockCells: Cell[] = Object.entries(JUMPS).map(([name, jumps]) => ({
  name: `the clock: ${name}`,
  kind: "clock",
  async fault(scene) {
    const { installation, client } = scene;
    const set = (apps: SupervisedApp[], byMs: number) =>
      Promise.all(apps.map((app) => app.setClock(byMs)));
    const ofWebs = jumps.filter(({ of }) => of !== "workers").map(({ byMs }) => byMs);
    scene.clockBehindSeconds = Math.max(0, -Math.min(0, ...ofWebs) / 1_000);
    for (const { of, byMs } of jumps) await set(installation[of], byMs);
    await wait(TAKEN_UP_MS);
    await client.untilMore(60);
    await wait(1_000);
    await set(installation.apps, 0);
    await wait(TAKEN_UP_MS);
  },
}));
