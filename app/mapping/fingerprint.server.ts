import { hash } from "node:crypto";

const HEX_DIGITS = 32;

/** Returns 128 bits of SHA-256 as 32 hexadecimal digits. The same text must give the same digits for ever. */
export function fingerprint(text: string): string {
  return hash("sha256", text, "hex").slice(0, HEX_DIGITS);
}
