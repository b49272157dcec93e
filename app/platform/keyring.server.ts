import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { digest } from "./digest.server.ts";
import type { EncryptionKey } from "./env/secrets.server.ts";
import { part, seal, unseal } from "./keys/aes.server.ts";
import {
  INSTALLATION,
  keyIdentity,
  makeInstallationKey,
  makeShopKeys,
  type Queries,
  readDataKeys,
  type StoredKey,
} from "./keys/data-keys.server.ts";
import {
  createWrappingKeys,
  DIRECT_VERSION,
  KeyringError,
  notSealed,
  refuse,
  type WrappingKeys,
} from "./keys/wrapping-keys.server.ts";

/**
 * Encrypts data that may not stand in the database in plain text, under a data key for each shop
 * and one for the installation; those are stored, wrapped by the first of ENCRYPTION_KEYS. Keys
 * that were used lately are in memory, so that a group of webhooks asks the database for none.
 */
export interface Keyring {
  /** Loads the data keys of shops, or INSTALLATION, and makes those that are missing. */
  ensure(db: Queries, owners: Iterable<bigint>): Promise<DataKeys>;
  /** Loads the data keys that there are. */
  load(db: Queries, owners: Iterable<bigint>): Promise<Decrypter>;
  /** Encrypts one value. */
  encrypt(
    db: Queries,
    owner: bigint,
    plain: string | Uint8Array,
    identity: string,
  ): Promise<Buffer>;
  /** Decrypts one value. Rejects with KeyringError. */
  decrypt(db: Queries, sealed: Uint8Array, identity: string): Promise<Buffer>;
}

export interface Decrypter {
  /** @throws KeyringError */
  decrypt(sealed: Uint8Array, identity: string): Buffer;
}

/** Keys in hand. */
export interface DataKeys extends Decrypter {
  /**
   * `identity` names the row and column that the bytes belong to; copied to another row, they cannot
   * be decrypted.
   *
   * @throws KeyringError
   */
  encrypt(owner: bigint, plain: string | Uint8Array, identity: string): Buffer;
  /**
   * The number by which a text is found again without being stored: the same for the same owner and
   * text, and of no use without the owner's data key. As digits of a bigint.
   *
   * @throws KeyringError
   */
  digest(owner: bigint, text: string): string;
}

/**
 * The form of encrypted bytes: version (1), the owner's id (8), and as in `seal`. Those of version 1
 * are from before there were data keys (createWrappingKeys).
 */
const VERSION = 2;
const HEADER_BYTES = 9;

/** 64 bits: a number of the database's own. */
const DIGEST_DIGITS = 16;

interface DataKey {
  header: Buffer;
  key: KeyObject;
  /** Made of `key` at its first use, so that no key serves two ends; hexadecimal. */
  digestKey?: string;
}

export function createKeyring(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Keyring {
  const wrapping = createWrappingKeys(keys);
  const cache = createCache();

  async function find(db: Queries, owners: Iterable<bigint>): Promise<Found> {
    const found: Found = new Map();
    const unknown = new Set<bigint>();
    cache.forget();
    for (const owner of owners) {
      const id = Number(owner);
      if (found.has(id)) continue;
      const key = cache.get(id);
      if (key === undefined) unknown.add(owner);
      else found.set(id, key);
    }
    if (unknown.size === 0) return found;
    for (const stored of await readDataKeys(db, [...unknown])) {
      const id = Number(stored.owner);
      const key = unwrapKey(wrapping, stored);
      found.set(id, key);
      if (stored.is_settled && !(key instanceof KeyringError)) cache.set(id, key);
    }
    return found;
  }

  async function ensure(db: Queries, owners: Iterable<bigint>): Promise<DataKeys> {
    const wanted = [...owners];
    const found = await find(db, wanted);
    const missing = wanted.filter((owner) => !found.has(Number(owner)));
    if (missing.length === 0) return inHand(wrapping, found);
    await makeKeys(db, [...new Set(missing)]);
    return inHand(wrapping, await find(db, wanted));
  }

  async function makeKeys(db: Queries, owners: readonly bigint[]): Promise<void> {
    const shops = owners.filter((owner) => owner !== INSTALLATION);
    if (shops.length < owners.length) await makeInstallationKey(db, wrapping);
    if (shops.length === 0) return;
    // Keys of another installation open its data key not: they would make keys that its processes
    // cannot open.
    const own = (await ensure(db, [INSTALLATION])) as DataKeys;
    own.encrypt(INSTALLATION, "", "");
    await makeShopKeys(db, wrapping, shops);
  }

  async function load(db: Queries, owners: Iterable<bigint>): Promise<Decrypter> {
    return inHand(wrapping, await find(db, owners));
  }

  return {
    ensure,
    load,
    encrypt: async (db, owner, plain, identity) =>
      (await ensure(db, [owner])).encrypt(owner, plain, identity),
    decrypt: async (db, sealed, identity) =>
      (await load(db, listOwners([sealed]))).decrypt(sealed, identity),
  };
}

/** The owners whose data keys encrypted these bytes; none of bytes in another form. */
export function listOwners(sealed: Iterable<Uint8Array | null>): Set<bigint> {
  const owners = new Set<bigint>();
  for (const bytes of sealed) {
    if (bytes?.[0] !== VERSION || bytes.length < HEADER_BYTES) continue;
    owners.add(asBuffer(bytes).readBigInt64BE(1));
  }
  return owners;
}

/**
 * Keys by their owner's id, or why one does not open. As a number: a bigint takes several times as
 * long to look up, and no id of ours is past 2^53.
 */
type Found = Map<number, DataKey | KeyringError>;

function inHand(wrapping: WrappingKeys, found: Found): DataKeys {
  function keyOf(owner: bigint): DataKey {
    const key = found.get(Number(owner));
    if (key === undefined) {
      const whose = owner === INSTALLATION ? "the installation" : `shop ${owner}`;
      throw new KeyringError("no_data_key", `There is no data key of ${whose}`);
    }
    if (key instanceof KeyringError) throw key;
    return key;
  }
  return {
    encrypt(owner, plain, identity) {
      const { key, header } = keyOf(owner);
      return seal(key, header, plain, identity);
    },
    digest(owner, text) {
      const dataKey = keyOf(owner);
      dataKey.digestKey ??= createHmac("sha256", dataKey.key).update("digests").digest("hex");
      // A secret before the text is enough where a quarter of the hash is kept: a longer text's hash
      // cannot be computed from it. An HMAC takes three times as long, and each checkout has several.
      const hex = digest(dataKey.digestKey + text).slice(0, DIGEST_DIGITS);
      return BigInt.asIntN(64, BigInt(`0x${hex}`)).toString();
    },
    decrypt(sealed, identity) {
      if (sealed[0] === DIRECT_VERSION) return wrapping.unwrap(sealed, identity);
      const bytes = asBuffer(sealed);
      const parts = part(bytes, HEADER_BYTES);
      if (bytes[0] !== VERSION || parts === null) throw notSealed();
      const owner = bytes.readBigInt64BE(1);
      return unseal(keyOf(owner).key, parts, identity) ?? refuse(`the data key of ${owner}`);
    },
  };
}

function unwrapKey(wrapping: WrappingKeys, { owner, wrapped }: StoredKey): DataKey | KeyringError {
  try {
    const key = createSecretKey(wrapping.unwrap(wrapped, keyIdentity(owner)));
    const header = Buffer.alloc(HEADER_BYTES, VERSION);
    header.writeBigInt64BE(owner, 1);
    return { key, header };
  } catch (error) {
    if (error instanceof KeyringError) return error;
    throw error;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** About a kilobyte each, in two halves. */
const MOST_IN_HALF = 10_000;
/** The key of a shop that was redacted leaves the memory of each process in twice this time. */
const HALF_MS = 15 * 60_000;

/** Keys that were used lately: those that were not since the half before began are gone. */
function createCache() {
  let current = new Map<number, DataKey>();
  let previous = new Map<number, DataKey>();
  let turnedAt = performance.now();

  function set(owner: number, key: DataKey): void {
    if (current.size >= MOST_IN_HALF) turn();
    current.set(owner, key);
  }

  function turn(): void {
    previous = current;
    current = new Map();
    turnedAt = performance.now();
  }

  return {
    /** Lets go what was not used for long. */
    forget(): void {
      if (performance.now() - turnedAt > HALF_MS) turn();
    },
    get(owner: number): DataKey | undefined {
      const key = current.get(owner);
      if (key !== undefined) return key;
      const old = previous.get(owner);
      if (old !== undefined) set(owner, old);
      return old;
    },
    set,
  };
}
