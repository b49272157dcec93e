/** A key of AES-256-GCM and the name under which encrypted bytes refer to it. */
export interface EncryptionKey {
  id: string;
  /** The key's 32 bytes. */
  key: Buffer;
}

/**
 * Parses `id:base64 of 32 bytes[,…]`. Null when any part is invalid, or an id comes twice. Base64
 * is compared after decoding, because Node skips invalid characters.
 */
export function parseEncryptionKeys(text: string): [EncryptionKey, ...EncryptionKey[]] | null {
  const keys: EncryptionKey[] = [];
  for (const part of text.split(",")) {
    const [, id, base64] = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(part.trim()) ?? [];
    if (id === undefined || base64 === undefined) return null;
    const key = Buffer.from(base64, "base64");
    if (key.toString("base64") !== base64 || keys.some((other) => other.id === id)) return null;
    keys.push({ id, key });
  }
  const [first, ...others] = keys;
  return first === undefined ? null : [first, ...others];
}
