import type { Cell } from "./cell.ts";
import { clockCells } from "./cells/clock.ts";
import { contentCells } from "./cells/content.ts";
import { killCells } from "./cells/kills.ts";
import { pinterestCells, pinterestPlaceCells } from "./cells/pinterest.ts";
import { postgresCells } from "./cells/postgres.ts";
import { stopCells } from "./cells/stops.ts";
import { trafficCells } from "./cells/traffic.ts";

/** All cells on the shared installation. Those whose events wait longest come first. */
export const CELLS: readonly Cell[] = [
  ...pinterestCells,
  ...killCells,
  ...stopCells,
  ...postgresCells,
  ...clockCells,
  ...trafficCells,
  ...contentCells,
  ...pinterestPlaceCells,
];
