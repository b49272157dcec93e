import type { IncomingMessage } from "node:http";
import type { ByteShare } from "./byte-budget.server.ts";

export type BodyRead =
  | { kind: "whole"; body: Buffer }
  /** It came whole, and was discarded. */
  | { kind: "unwanted" }
  | { kind: "too_large" }
  /** The bodies of all requests together would exceed their budget. */
  | { kind: "over_budget" };

export interface BodyLimits {
  maxBytes: number;
  /** Counts the bytes kept. The caller releases them when the body is no longer needed. */
  share: ByteShare;
  /** Sees each chunk as it comes, even of a body that is not kept. */
  onPiece?: (piece: Buffer) => void;
  /** False: the body is counted and discarded. */
  isKept?: boolean;
  /** Called once, when the whole body is here. */
  isWanted?: () => boolean;
}

/**
 * A body that is not kept is read for so long, so that a caller that is still sending can read the
 * answer: closing a connection in the middle of a body resets it, and the answer is lost.
 */
const READ_ON_MS = 900;
const READ_ON_BYTES = 32 * 1024 * 1024;

/**
 * Reads the raw bytes of a request and counts them as they come: `Content-Length` is only trusted
 * where it exceeds the limit. Rejects when the request is cut off.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  const { maxBytes, share, onPiece, isKept = true, isWanted = () => true } = limits;
  const { promise, resolve, reject } = Promise.withResolvers<BodyRead>();
  const pieces: Buffer[] = [];
  let size = 0;
  let refused: "too_large" | "over_budget" | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  /** What comes later is nobody's: a digest that was taken throws when it is given more. */
  function end(read: BodyRead): void {
    isOver = true;
    resolve(read);
  }

  function refuse(kind: "too_large" | "over_budget"): void {
    refused ??= kind;
    throwAway(pieces.splice(0));
    share.release();
    timer ??= setTimeout(() => end({ kind }), READ_ON_MS);
  }

  if (Number(request.headers["content-length"] ?? 0) > maxBytes) refuse("too_large");
  request.on("data", (piece: Buffer) => {
    if (isOver) return throwAway([piece]);
    size += piece.length;
    onPiece?.(piece);
    if (size > maxBytes) refuse("too_large");
    const isTaken = refused === null && isKept && share.take(piece.length);
    if (isTaken) pieces.push(piece);
    else throwAway([piece]);
    if (refused === null && isKept && !isTaken) refuse("over_budget");
    if (refused !== null && size > READ_ON_BYTES) end({ kind: refused });
  });
  request.on("end", () => {
    if (refused !== null) resolve({ kind: refused });
    else if (isKept && isWanted()) resolve({ kind: "whole", body: join(pieces) });
    else {
      throwAway(pieces);
      resolve({ kind: "unwanted" });
    }
  });
  request.on("error", reject);
  return promise.finally(() => clearTimeout(timer));
}

function join(pieces: Buffer[]): Buffer {
  if (pieces.length === 1) return pieces[0] as Buffer;
  const body = Buffer.concat(pieces);
  throwAway(pieces);
  return body;
}

/**
 * Frees the chunks' memory at once: it lies outside the heap, and the collector, which sees only
 * small objects, would let tens of megabytes pile up. A chunk that shares its memory is left to the
 * collector.
 */
function throwAway(pieces: Buffer[]): void {
  for (const { buffer, byteLength } of pieces) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}
