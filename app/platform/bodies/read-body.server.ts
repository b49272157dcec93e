import type { IncomingMessage } from "node:http";
import type { ByteShare } from "./byte-budget.server.ts";

export type BodyRead =
  | { kind: "whole"; body: Buffer }
  | { kind: "too_large" }
  /** The bodies in hand of all requests would pass their budget. */
  | { kind: "over_budget" };

export interface BodyLimits {
  maxBytes: number;
  /** Counts what is kept. The caller releases it when the body is no longer needed. */
  share: ByteShare;
  /** Sees each piece as it comes, also of a body that is not kept. */
  onPiece?: (piece: Buffer) => void;
  /** False: the body is counted and thrown away, and comes back empty. */
  isKept?: boolean;
}

/**
 * What is not kept is read on for so long, so that a caller who is still sending can read the
 * answer: a connection that is closed in the middle of a body is reset, and the answer is lost.
 */
const READ_ON_MS = 2_000;
const READ_ON_BYTES = 32 * 1024 * 1024;

/**
 * The raw bytes of a request, counted as they come: what `Content-Length` says is believed only
 * where it says too much. Rejects when the request is cut off.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  const { maxBytes, share, onPiece, isKept = true } = limits;
  const { promise, resolve, reject } = Promise.withResolvers<BodyRead>();
  const pieces: Buffer[] = [];
  let size = 0;
  let refused: "too_large" | "over_budget" | null = null;
  let timer: NodeJS.Timeout | undefined;

  function refuse(kind: "too_large" | "over_budget"): void {
    refused ??= kind;
    pieces.length = 0;
    share.release();
    timer ??= setTimeout(() => resolve({ kind }), READ_ON_MS);
  }

  if (Number(request.headers["content-length"] ?? 0) > maxBytes) refuse("too_large");
  request.on("data", (piece: Buffer) => {
    size += piece.length;
    onPiece?.(piece);
    if (size > maxBytes) refuse("too_large");
    else if (refused === null && isKept) {
      if (share.take(piece.length)) pieces.push(piece);
      else refuse("over_budget");
    }
    if (refused !== null && size > READ_ON_BYTES) resolve({ kind: refused });
  });
  request.on("end", () => {
    if (refused !== null) resolve({ kind: refused });
    else resolve({ kind: "whole", body: join(pieces) });
  });
  request.on("error", reject);
  return promise.finally(() => clearTimeout(timer));
}

function join(pieces: Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}
