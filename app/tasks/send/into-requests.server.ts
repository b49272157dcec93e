import {
  MAX_EVENTS_BYTES_PER_REQUEST,
  MAX_EVENTS_PER_REQUEST,
} from "#app/pinterest/limits.server.ts";
import { cutBySize } from "#app/platform/bodies/cut-by-size.server.ts";

/** What goes into each request, in order. */
export function intoRequests<Item extends { bytes: number }>(items: readonly Item[]): Item[][] {
  return cutBySize(items, {
    items: MAX_EVENTS_PER_REQUEST,
    bytes: MAX_EVENTS_BYTES_PER_REQUEST,
    bytesOf: ({ bytes }) => bytes,
  });
}
