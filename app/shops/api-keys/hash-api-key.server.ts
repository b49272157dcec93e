import { createHash } from "node:crypto";

/** As a key is stored: SHA-256 is enough for one of 256 random bits. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
