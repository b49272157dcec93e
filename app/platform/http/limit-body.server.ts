const CODE = "body_too_large";

/** The body is longer than its route takes. */
class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError";
  code = CODE;
}

/**
 * Whether a body could not be read because it is too long. By what the error says of itself: the
 * bundle of the pages has a class of its own.
 */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as BodyTooLargeError).code === CODE || isTooLarge(error.cause);
}

/** The bytes of a body, counted as they come: the stream fails past `maxBytes`, whatever was declared. */
export function limitBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size > maxBytes) throw new BodyTooLargeError(`more than ${maxBytes} bytes`);
        controller.enqueue(chunk);
      },
    }),
  );
}
