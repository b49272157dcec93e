import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import type { EncryptionKey } from "#app/platform/env/encryption-keys.server.ts";

/**
 * Encrypts data that may not stand in the database in plain text. `identity` names the row and
 * column that the bytes belong to; copied to another row, they cannot be decrypted.
 */
export interface Keyring {
  encrypt(plain: string | Uint8Array, identity: string): Buffer;
  /** @throws KeyringError */
  decrypt(sealed: Uint8Array, identity: string): Buffer;
  /** False for bytes that a rotation has to encrypt again. */
  isUnderFirstKey(sealed: Uint8Array): boolean;
}

/** Says why decryption failed, and nothing about the content. */
export class KeyringError extends Error {
  override name = "KeyringError";
  code: "not_sealed" | "unknown_key" | "does_not_open";
  constructor(code: KeyringError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;
const NONCE_BYTES = 12;
const NONCES_AT_ONCE = 256;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with a random nonce for every value. The first key encrypts, all decrypt. Format of
 * encrypted bytes: version (1), length of the key id (1), key id, nonce (12), tag (16), ciphertext.
 */
export function createKeyring(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Keyring {
  const [first] = keys;
  // Prepared once: otherwise Node would prepare the key for each payload, which takes half of the
  // time.
  const byId = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]));
  const firstKey = createSecretKey(first.key);
  const header = buildHeader(first.id);
  const nextNonce = createNonces();

  return {
    encrypt(plain, identity) {
      const nonce = nextNonce();
      const cipher = createCipheriv(ALGORITHM, firstKey, nonce);
      cipher.setAAD(boundTo(header, identity));
      const body = [cipher.update(plain), cipher.final()];
      return Buffer.concat([header, nonce, cipher.getAuthTag(), ...body]);
    },

    decrypt(sealed, identity) {
      const { keyId, header, nonce, tag, body } = readSealed(sealed);
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new KeyringError("unknown_key", `No key of ENCRYPTION_KEYS has the id ${keyId}`);
      }
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(header, identity));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch {
        throw new KeyringError(
          "does_not_open",
          `Encrypted data is altered, belongs elsewhere, or the key ${keyId} is not the one it was made with`,
        );
      }
    },

    isUnderFirstKey(sealed) {
      return readSealed(sealed).keyId === first.id;
    },
  };
}

/** System randomness costs more than encrypting a payload, so it is read in large blocks. */
function createNonces(): () => Buffer {
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length === 0) pool = randomBytes(NONCE_BYTES * NONCES_AT_ONCE);
    const nonce = pool.subarray(0, NONCE_BYTES);
    pool = pool.subarray(NONCE_BYTES);
    return nonce;
  };
}

function buildHeader(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.of(VERSION, id.length), id]);
}

/** The header is authenticated too, so that encrypted bytes cannot be pointed at another key. */
function boundTo(header: Uint8Array, identity: string): Buffer {
  return Buffer.concat([header, Buffer.from(identity)]);
}

function readSealed(sealed: Uint8Array) {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const nonceAt = 2 + (bytes[1] ?? 0);
  const tagAt = nonceAt + NONCE_BYTES;
  const bodyAt = tagAt + TAG_BYTES;
  if (bytes[0] !== VERSION || bytes.length < bodyAt) {
    throw new KeyringError("not_sealed", "These bytes were not encrypted by Pinrelay");
  }
  return {
    // A damaged id may be any bytes: it must not carry control characters into a log line.
    keyId: bytes.toString("latin1", 2, nonceAt).replace(/[^A-Za-z0-9._-]/g, "?"),
    header: bytes.subarray(0, nonceAt),
    nonce: bytes.subarray(nonceAt, tagAt),
    tag: bytes.subarray(tagAt, bodyAt),
    body: bytes.subarray(bodyAt),
  };
}
