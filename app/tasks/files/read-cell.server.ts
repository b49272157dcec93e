import { lookUp } from "#app/events/words/look-up.ts";
import { tryParse } from "./try-parse.server.ts";

/** Also as German spreadsheets write them. */
const BOOLEANS = {
  true: true,
  wahr: true,
  1: true,
  false: false,
  falsch: false,
  0: false,
};

/**
 * A cell by the type of its key. What it cannot be read as stays text, so that the reader of the
 * input refuses it by the same words as everywhere.
 */
export function readCell(key: string, cell: string, delimiter: string): unknown {
  switch (key) {
    case "isAlreadyHashed":
    case "optOut":
      return lookUp(BOOLEANS, cell.toLowerCase()) ?? cell;
    case "orderQuantity":
    case "eventTime":
      return /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
    case "value":
      return delimiter === ";" ? withDecimalPoint(cell) : cell;
    case "contents":
      return tryParse(cell)?.value ?? cell;
    default:
      return cell;
  }
}

/**
 * Where the semicolon separates cells, the comma is a decimal one. Three digits after it might be
 * thousands: those stay as they are, and are refused.
 */
function withDecimalPoint(cell: string): string {
  return /^-?\d+,\d{1,2}$/.test(cell) ? cell.replace(",", ".") : cell;
}
