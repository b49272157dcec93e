/**
 * SQLSTATE classes that speak of the statement or its content (data, constraint, syntax, limit): the
 * same again fails again. All others speak of the server, the connection or of contention.
 */
const LASTING = new Set(["0A", "22", "23", "42", "54"]);

/** Whether a fault met while talking to the database may be over when the same is tried again. */
export function isPassingFault(error: unknown): boolean {
  // Slips of our own have no SQLSTATE either.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return false;
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return !LASTING.has(code.slice(0, 2));
  // Node's and pg's own: no place in the pool, reset, time-out. Ours have a name of their own.
  return name === "Error";
}
