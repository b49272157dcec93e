import type { Cell } from "./cell.ts";
import { clockCells } from "./cells/clock.ts";
import { contentCells } from "./cells/content.ts";
import { killCells } from "./cells/kills.ts";
import { operatorCells } from "./cells/operators.ts";
import { pinterestCells, pinterestPlaceCells } from "./cells/pinterest.ts";
import { placeCells } from "./cells/places.ts";
import { postgresCells } from "./cells/postgres.ts";
import { stopCells } from "./cells/stops.ts";
import { trafficCells } from "./cells/traffic.ts";

/**
 * Those on the shared installation first, and of these those whose events wait longest; then those
 * that have one of their own.
 */
export const CELLS: readonly Cell[] = [
  ...pinterestCells,
  ...killCells,
  ...stopCells,
  ...postgresCells,
  ...clockCells,
  ...trafficCells,
  ...contentCells,
  ...pinterestPlaceCells,
  ...placeCells,
  ...operatorCells,
];
