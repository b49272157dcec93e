import { digest } from "#app/platform/digest.server.ts";

/** As a key is stored: SHA-256 is enough for one of 256 random bits. */
export function hashApiKey(key: string): string {
  return digest(key);
}
