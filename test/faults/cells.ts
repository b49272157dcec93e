import type { Cell } from "./cell.ts";
import { killCells } from "./cells/kills.ts";

/** All cells on the shared installation. */
export const CELLS: readonly Cell[] = [...killCells];
