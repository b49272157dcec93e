import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const NONCES_AT_ONCE = 256;
const TAG_BYTES = 16;

/** Encrypted bytes in their parts. */
export interface SealedParts {
  /** Says by which key; authenticated too, so that the bytes cannot be pointed at another one. */
  header: Buffer;
  nonce: Buffer;
  tag: Buffer;
  body: Buffer;
}

/** Encrypts with AES-256-GCM and a random nonce: header, nonce (12), tag (16), ciphertext. */
export function seal(
  key: KeyObject,
  header: Uint8Array,
  plain: string | Uint8Array,
  identity: string,
): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(boundTo(header, identity));
  const body = cipher.update(plain);
  // This mode has written everything by now: what is left is no bytes, and the tag.
  cipher.final();
  const sealed = Buffer.allocUnsafe(header.length + NONCE_BYTES + TAG_BYTES + body.length);
  sealed.set(header, 0);
  sealed.set(nonce, header.length);
  sealed.set(cipher.getAuthTag(), header.length + NONCE_BYTES);
  sealed.set(body, header.length + NONCE_BYTES + TAG_BYTES);
  return sealed;
}

/** Decrypts; null when the bytes were altered, belong elsewhere, or the key is another one. */
export function unseal(
  key: KeyObject,
  { header, nonce, tag, body }: SealedParts,
  identity: string,
): Buffer | null {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(header, identity));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return null;
  }
}

/** Parts encrypted bytes behind a header of so many bytes; null when they are too short. */
export function part(bytes: Buffer, headerBytes: number): SealedParts | null {
  const tagAt = headerBytes + NONCE_BYTES;
  const bodyAt = tagAt + TAG_BYTES;
  if (bytes.length < bodyAt) return null;
  return {
    header: bytes.subarray(0, headerBytes),
    nonce: bytes.subarray(headerBytes, tagAt),
    tag: bytes.subarray(tagAt, bodyAt),
    body: bytes.subarray(bodyAt),
  };
}

let nonces = Buffer.alloc(0);

/** System randomness costs more than encrypting a payload, so it is read in large blocks. */
function nextNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCE_BYTES * NONCES_AT_ONCE);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

function boundTo(header: Uint8Array, identity: string): Buffer {
  const bound = Buffer.allocUnsafe(header.length + Buffer.byteLength(identity));
  bound.set(header, 0);
  bound.write(identity, header.length);
  return bound;
}
