import { hash } from "node:crypto";

const HEX_DIGITS = 32;

/** 128 bits of SHA-256 as 32 hexadecimal digits: the same text, the same digits, for ever. */
export function fingerprint(text: string): string {
  return hash("sha256", text, "hex").slice(0, HEX_DIGITS);
}
