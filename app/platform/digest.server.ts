import { hash } from "node:crypto";

/**
 * SHA-256 of a text, in hexadecimal digits: of keys, nonces, files and bodies that are compared.
 * What is about a person is hashed in app/mapping, which normalises it first.
 */
export function digest(text: string): string {
  return hash("sha256", text, "hex");
}
