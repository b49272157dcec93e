import { hash } from "node:crypto";

/**
 * Returns the SHA-256 of a text in hexadecimal digits: for keys, nonces, files and bodies that are
 * compared. Personal data is hashed in app/mapping, which normalises it first.
 */
export function digest(text: string): string {
  return hash("sha256", text, "hex");
}
