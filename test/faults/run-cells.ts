import { untilDrained } from "#test/processes/until-drained.ts";
import { eventually } from "#test/support/poll.ts";
import type { Cell, CellResult } from "./cell.ts";
import type { Installation } from "./installation.ts";
import { judge } from "./invariants.ts";
import { observe } from "./observation.ts";
import { openScene, type Scene } from "./scene.ts";

export interface RunOptions {
  seed: number;
  isPlanted?: boolean;
  onResult(result: CellResult): void;
}

const OBSERVED = { deadlineMs: 120_000 };

/** Enough for the events behind a fault to show that everything goes on. */
const AFTERWARDS = 30;

/**
 * Runs the cells on one installation. Each brings its fault about alone; while what it left behind
 * drains, which takes a killed worker's lease, the next cells go on.
 */
export async function runCells(
  installation: Installation,
  cells: readonly Cell[],
  { seed, isPlanted = false, onResult }: RunOptions,
): Promise<CellResult[]> {
  const draining: Promise<CellResult>[] = [];
  for (const cell of cells) {
    const startedAt = Date.now();
    const cellSeed = seedOf(cell, seed);
    const begun = await begin(installation, cell, cellSeed, isPlanted);
    const result = end(installation, cell, begun).then((outcome) => ({
      ...outcome,
      name: cell.name,
      seed,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
    }));
    draining.push(
      result.then((done) => {
        onResult(done);
        return done;
      }),
    );
  }
  return Promise.all(draining);
}

/** Each cell has random numbers of its own, so that one alone sees what it saw among the others. */
function seedOf({ name }: Cell, seed: number): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, seed);
}

type Begun = { scene: Scene | null; error: unknown };

async function begin(
  installation: Installation,
  cell: Cell,
  seed: number,
  isPlanted: boolean,
): Promise<Begun> {
  let scene: Scene | null = null;
  try {
    scene = await openScene(installation, seed, cell.load ?? {}, isPlanted);
    if (cell.load?.traffic === undefined) await scene.untilSomeMoment();
    await cell.fault(scene);
    await scene.client.untilMore(AFTERWARDS);
    await scene.client.finish();
    return { scene, error: null };
  } catch (error) {
    return { scene, error };
  }
}

type Outcome = Pick<CellResult, "faults" | "acknowledged" | "repeats">;

async function end(
  installation: Installation,
  cell: Cell,
  { scene, error }: Begun,
): Promise<Outcome> {
  const none = { acknowledged: 0, repeats: 0 };
  try {
    if (error !== null) throw error;
    if (scene === null) throw new Error("the cell did not begin");
    await cell.afterwards?.(scene);
    await untilDrained(installation.db, scene.shops);
    // The cell that runs meanwhile may have Postgres down.
    const observed = await eventually(() => observe(installation, scene), OBSERVED);
    const also = (await cell.also?.(observed, scene)) ?? [];
    return {
      faults: [...judge(observed), ...also],
      acknowledged: observed.acknowledged.size,
      repeats: observed.accepted.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0),
    };
  } catch (failure) {
    return { ...none, faults: [`it broke off: ${(failure as Error).stack ?? failure}`] };
  } finally {
    await scene?.client.close();
  }
}
