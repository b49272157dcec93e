import { createSecretKey } from "node:crypto";
import type { EncryptionKey } from "#app/platform/env/secrets.server.ts";
import { part, seal, unseal } from "./aes.server.ts";

/** Says why decryption failed, and nothing about the content. */
export class KeyringError extends Error {
  override name = "KeyringError";
  code: "not_sealed" | "unknown_key" | "does_not_open" | "no_data_key";
  constructor(code: KeyringError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The keys of ENCRYPTION_KEYS: the first wraps, all unwrap. */
export interface WrappingKeys {
  firstId: string;
  ids: readonly string[];
  /** `identity` names the row that the bytes belong to; copied to another row, they do not open. */
  wrap(plain: string | Uint8Array, identity: string): Buffer;
  /** @throws KeyringError */
  unwrap(wrapped: Uint8Array, identity: string): Buffer;
}

/** The first byte of what one of ENCRYPTION_KEYS itself encrypted. */
export const DIRECT_VERSION = 1;

/**
 * Format of wrapped bytes: version (1), length of the key id (1), key id, and as in `seal`. Payloads
 * and tokens were stored in it too, before there were data keys.
 */
export function createWrappingKeys(
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): WrappingKeys {
  const [first] = keys;
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]));
  const firstKey = createSecretKey(first.key);
  const id = Buffer.from(first.id);
  const firstHeader = Buffer.concat([Buffer.of(DIRECT_VERSION, id.length), id]);
  return {
    firstId: first.id,
    ids: keys.map((key) => key.id),
    wrap: (plain, identity) => seal(firstKey, firstHeader, plain, identity),
    unwrap(wrapped, identity) {
      const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
      const parts = part(bytes, 2 + (bytes[1] ?? 0));
      if (bytes[0] !== DIRECT_VERSION || parts === null) throw notSealed();
      // A damaged id may be any bytes: it must not carry control characters into a log line.
      const keyId = parts.header.toString("latin1", 2).replace(/[^A-Za-z0-9._-]/g, "?");
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new KeyringError("unknown_key", `No key of ENCRYPTION_KEYS has the id ${keyId}`);
      }
      return unseal(key, parts, identity) ?? refuse(`the key ${keyId}`);
    },
  };
}

export function notSealed(): KeyringError {
  return new KeyringError("not_sealed", "These bytes were not encrypted by Pinrelay");
}

export function refuse(key: string): never {
  throw new KeyringError(
    "does_not_open",
    `Encrypted data is altered, belongs elsewhere, or ${key} is not the one it was made with`,
  );
}
