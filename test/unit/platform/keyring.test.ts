import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { EncryptionKey } from "#app/platform/env/encryption-keys.server.ts";
import { createKeyring, KeyringError } from "#app/platform/keyring.server.ts";

const makeKey = (id: string): EncryptionKey => ({ id, key: randomBytes(32) });
const OLD = makeKey("2025");
const NEW = makeKey("2026");
const IDENTITY = "connection.token:demo.myshopify.com";

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof KeyringError) return error.code;
    throw error;
  }
  return "opened";
}

test("what was encrypted opens again, be it a token, bytes or nothing", () => {
  const keyring = createKeyring([NEW]);
  const sealed = keyring.encrypt("pina_Töken", IDENTITY);
  expect(sealed.includes("pina_")).toBe(false);
  expect(keyring.decrypt(sealed, IDENTITY).toString()).toBe("pina_Töken");
  expect(keyring.decrypt(keyring.encrypt(Buffer.of(0, 255), IDENTITY), IDENTITY)).toEqual(
    Buffer.of(0, 255),
  );
  expect(keyring.decrypt(keyring.encrypt("", IDENTITY), IDENTITY)).toHaveLength(0);
});

test("the same token encrypted twice looks different each time", () => {
  const keyring = createKeyring([NEW]);
  const sealed = new Set(
    Array.from({ length: 100 }, () => keyring.encrypt("pina_token", IDENTITY).toString("hex")),
  );
  expect(sealed.size).toBe(100);
});

test("one shop's encrypted token does not open as another shop's", () => {
  const keyring = createKeyring([NEW]);
  const sealed = keyring.encrypt("pina_token", IDENTITY);
  expect(refusalOf(() => keyring.decrypt(sealed, "connection.token:other.myshopify.com"))).toBe(
    "does_not_open",
  );
});

test("no byte of what was encrypted can be changed, cut off or added", () => {
  const keyring = createKeyring([NEW, OLD]);
  const sealed = keyring.encrypt("pina_token", IDENTITY);
  for (let index = 0; index < sealed.length; index++) {
    const altered = Buffer.from(sealed);
    altered[index] = (altered[index] ?? 0) ^ 1;
    expect(refusalOf(() => keyring.decrypt(altered, IDENTITY))).not.toBe("opened");
    expect(refusalOf(() => keyring.decrypt(sealed.subarray(0, index), IDENTITY))).not.toBe(
      "opened",
    );
  }
  const longer = Buffer.concat([sealed, Buffer.of(0)]);
  expect(refusalOf(() => keyring.decrypt(longer, IDENTITY))).toBe("does_not_open");
});

test("after a rotation old values still open, and are known as not yet encrypted again", () => {
  const before = createKeyring([OLD]);
  const sealed = before.encrypt("pina_token", IDENTITY);
  const after = createKeyring([NEW, OLD]);
  expect(after.decrypt(sealed, IDENTITY).toString()).toBe("pina_token");
  expect(before.isUnderFirstKey(sealed)).toBe(true);
  expect(after.isUnderFirstKey(sealed)).toBe(false);
  expect(after.isUnderFirstKey(after.encrypt("pina_token", IDENTITY))).toBe(true);
});

test("a key that was not given is named, and one with the right name and wrong bytes opens nothing", () => {
  const sealed = createKeyring([OLD]).encrypt("pina_token", IDENTITY);
  const without = createKeyring([NEW]);
  expect(refusalOf(() => without.decrypt(sealed, IDENTITY))).toBe("unknown_key");
  expect(() => without.decrypt(sealed, IDENTITY)).toThrow("2025");
  const wrong = createKeyring([makeKey("2025")]);
  expect(refusalOf(() => wrong.decrypt(sealed, IDENTITY))).toBe("does_not_open");
});

test("bytes that were never encrypted are told apart", () => {
  const keyring = createKeyring([NEW]);
  for (const bytes of ["", "plain text of some length, longer than any header could be"]) {
    expect(refusalOf(() => keyring.decrypt(Buffer.from(bytes), IDENTITY))).toBe("not_sealed");
  }
});
