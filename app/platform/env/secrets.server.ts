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

/** Publicly known, so that data that a sandbox stored yesterday can still be decrypted today. */
export const SANDBOX_SECRETS = {
  SHOPIFY_API_SECRET: "sandbox-secret",
  ENCRYPTION_KEYS: `sandbox:${Buffer.from("pinrelay sandbox key, no secret!").toString("base64")}`,
};

/** Shopify's secrets have 32 characters or more. */
const LEAST_CHARACTERS = 16;
const SANDBOX_KEY = parseEncryptionKeys(SANDBOX_SECRETS.ENCRYPTION_KEYS)?.[0].key;

/**
 * Lists the secrets of a serving process that can be guessed; in a sandbox that only this machine
 * reaches, none. With the first of them, anyone could sign as Shopify for every shop.
 */
export function findWeakSecrets(
  given: Record<string, string | undefined>,
  isLocalSandbox: boolean,
): [name: string, fault: string][] {
  if (isLocalSandbox) return [];
  const faults: [string, string][] = [];
  const secrets = (given.SHOPIFY_API_SECRET ?? "").split(",").map((secret) => secret.trim());
  const isWeak = (secret: string) =>
    secret.length < LEAST_CHARACTERS || secret === SANDBOX_SECRETS.SHOPIFY_API_SECRET;
  if (given.SHOPIFY_API_SECRET !== undefined && secrets.some(isWeak)) {
    const fault = `must be the secret of the app at Shopify: one that is known or shorter than ${LEAST_CHARACTERS} characters can be guessed`;
    faults.push(["SHOPIFY_API_SECRET", fault]);
  }
  const keys = parseEncryptionKeys(given.ENCRYPTION_KEYS ?? "") ?? [];
  if (keys.some(({ key }) => isKnown(key))) {
    const fault =
      "must be random keys, such as `openssl rand -base64 32` makes: the sandbox's and those of one repeated byte can be guessed";
    faults.push(["ENCRYPTION_KEYS", fault]);
  }
  return faults;
}

function isKnown(key: Buffer): boolean {
  return key.every((byte) => byte === key[0]) || SANDBOX_KEY?.equals(key) === true;
}
