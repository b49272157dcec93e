/**
 * SQLSTATE classes that concern the statement or its content (data, constraint, syntax, limit): the
 * same statement fails again. All others concern the server, the connection or contention.
 */
const LASTING = new Set(["0A", "22", "23", "42", "54"]);

/** Whether a fault of the database may be gone when the same is tried again. */
export function isPassingFault(error: unknown): boolean {
  // Programming errors of ours have no SQLSTATE either.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return false;
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return !LASTING.has(code.slice(0, 2));
  // Errors of Node and pg: no connection in the pool, reset, time-out. Ours have names of their
  // own.
  return name === "Error";
}
