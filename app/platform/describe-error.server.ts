/** An error as it may stand in a log: only these fields, whatever else is attached to it. */
export interface DescribedError {
  name: string;
  code?: string;
  message: string;
  stack?: string;
  cause?: DescribedError;
}

const MAX_CAUSES = 3;
const MAX_LENGTH = 4_000;

/** Reduces anything that was thrown to what a log may hold. */
export function describeError(thrown: unknown, depth = 0): DescribedError {
  if (!(thrown instanceof Error)) {
    const message = typeof thrown === "string" ? thrown.slice(0, MAX_LENGTH) : typeof thrown;
    return { name: "NotAnError", message };
  }
  const { code, cause, stack } = thrown as Error & { code?: unknown };
  const described: DescribedError = {
    name: thrown.name,
    message: thrown.message.slice(0, MAX_LENGTH),
  };
  if (typeof code === "string" || typeof code === "number") described.code = String(code);
  if (stack !== undefined) described.stack = stack.slice(0, MAX_LENGTH);
  if (cause !== undefined && depth < MAX_CAUSES) described.cause = describeError(cause, depth + 1);
  return described;
}
