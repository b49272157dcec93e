const CODE = "body_too_large";

/** There is no room for the body beside those of other requests. */
class OverBudgetError extends Error {
  override name = "OverBudgetError";
  code = "bodies_over_budget";
}

/** The body is longer than its route accepts. */
class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError";
  code = CODE;
}

/**
 * Whether a body could not be read because it is too long. It goes by the error's name: the bundle
 * of the pages has a class of its own.
 */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as BodyTooLargeError).code === CODE || isTooLarge(error.cause);
}

/** Returns the status for a body that could not be read: our fault, or its sender's. */
export function statusOfUnread(error: unknown): 400 | 413 | 503 {
  if (isTooLarge(error)) return 413;
  return isOverBudget(error) ? 503 : 400;
}

function isOverBudget(error: unknown): boolean {
  return error instanceof Error && (error instanceof OverBudgetError || isOverBudget(error.cause));
}

/**
 * Returns the bytes of a body, counted as they come: the stream fails past `maxBytes`, whatever was
 * declared, and where `take` has no room for more.
 */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  take: (bytes: number) => boolean = () => true,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size > maxBytes) throw new BodyTooLargeError(`more than ${maxBytes} bytes`);
        if (!take(chunk.byteLength)) throw new OverBudgetError("too many bodies in hand");
        controller.enqueue(chunk);
      },
    }),
  );
}
