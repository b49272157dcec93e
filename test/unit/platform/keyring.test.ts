import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EncryptionKey } from "#app/platform/env/secrets.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import type { Queries } from "#app/platform/keys/data-keys.server.ts";
import { createWrappingKeys, KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";

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

describe("a key of ENCRYPTION_KEYS", () => {
  test("what was encrypted opens again, be it a token, bytes or nothing", () => {
    const keys = createWrappingKeys([NEW]);
    const sealed = keys.wrap("pina_Töken", IDENTITY);
    expect(sealed.includes("pina_")).toBe(false);
    expect(keys.unwrap(sealed, IDENTITY).toString()).toBe("pina_Töken");
    expect(keys.unwrap(keys.wrap(Buffer.of(0, 255), IDENTITY), IDENTITY)).toEqual(
      Buffer.of(0, 255),
    );
    expect(keys.unwrap(keys.wrap("", IDENTITY), IDENTITY)).toHaveLength(0);
  });

  test("the same token encrypted twice looks different each time", () => {
    const keys = createWrappingKeys([NEW]);
    const sealed = new Set(
      Array.from({ length: 100 }, () => keys.wrap("pina_token", IDENTITY).toString("hex")),
    );
    expect(sealed.size).toBe(100);
  });

  test("no byte of what was encrypted can be changed, cut off or added", () => {
    const keys = createWrappingKeys([NEW, OLD]);
    const sealed = keys.wrap("pina_token", IDENTITY);
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(refusalOf(() => keys.unwrap(altered, IDENTITY))).not.toBe("opened");
      expect(refusalOf(() => keys.unwrap(sealed.subarray(0, index), IDENTITY))).not.toBe("opened");
    }
    const longer = Buffer.concat([sealed, Buffer.of(0)]);
    expect(refusalOf(() => keys.unwrap(longer, IDENTITY))).toBe("does_not_open");
  });

  test("that is the second one still opens what it encrypted as the first", () => {
    const sealed = createWrappingKeys([OLD]).wrap("pina_token", IDENTITY);
    expect(createWrappingKeys([NEW, OLD]).unwrap(sealed, IDENTITY).toString()).toBe("pina_token");
  });

  test("that was not given is named, and one with the right name and wrong bytes opens nothing", () => {
    const sealed = createWrappingKeys([OLD]).wrap("pina_token", IDENTITY);
    const without = createWrappingKeys([NEW]);
    expect(refusalOf(() => without.unwrap(sealed, IDENTITY))).toBe("unknown_key");
    expect(() => without.unwrap(sealed, IDENTITY)).toThrow("2025");
    const wrong = createWrappingKeys([makeKey("2025")]);
    expect(refusalOf(() => wrong.unwrap(sealed, IDENTITY))).toBe("does_not_open");
  });

  test("tells apart bytes that were never encrypted", () => {
    const keys = createWrappingKeys([NEW]);
    for (const bytes of ["", "plain text of some length, longer than any header could be"]) {
      expect(refusalOf(() => keys.unwrap(Buffer.from(bytes), IDENTITY))).toBe("not_sealed");
    }
  });
});

describe("a shop's data key", () => {
  const wrapping = createWrappingKeys([NEW]);
  const shops = [7n, 8n, 2n ** 62n];
  const stored = shops.map((owner) => ({
    owner,
    wrapped: wrapping.wrap(randomBytes(32), `shop_key:${owner}`),
    is_settled: true,
  }));
  const db = { query: async () => ({ rows: stored }) } as unknown as Queries;
  const text = fc.string({ unit: "grapheme", maxLength: 300 });
  const identity = fc.string({ unit: "grapheme", maxLength: 60 });

  test("opens what it encrypted, for that shop and that row alone, and no altered byte", async () => {
    const keys = await createKeyring([NEW]).ensure(db, shops);
    fc.assert(
      fc.property(
        fc.constantFrom(...shops),
        fc.constantFrom(...shops),
        text,
        identity,
        identity,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (shop, other, plain, row, otherRow, place, change) => {
          const sealed = keys.encrypt(shop, plain, row);
          expect(keys.decrypt(sealed, row).toString("utf8")).toBe(
            Buffer.from(plain).toString("utf8"),
          );
          if (row !== otherRow) {
            expect(refusalOf(() => keys.decrypt(sealed, otherRow))).toBe("does_not_open");
          }
          const altered = Buffer.from(sealed);
          const at = place % altered.length;
          altered[at] = (altered[at] ?? 0) ^ change;
          expect(refusalOf(() => keys.decrypt(altered, row))).not.toBe("opened");
          const cut = sealed.subarray(0, at);
          expect(refusalOf(() => keys.decrypt(cut, row))).not.toBe("opened");
          if (shop === other) return;
          const moved = Buffer.from(sealed);
          moved.writeBigInt64BE(other, 1);
          expect(refusalOf(() => keys.decrypt(moved, row))).toBe("does_not_open");
        },
      ),
      { numRuns: 300 },
    );
  });

  test("opens what one of ENCRYPTION_KEYS encrypted itself, before there were data keys", async () => {
    const sealed = wrapping.wrap("pina_token", IDENTITY);
    const keyring = createKeyring([OLD, NEW]);
    const plain = await keyring.decrypt(db, sealed, IDENTITY);
    expect(plain.toString()).toBe("pina_token");
  });

  test("does not open as that of another shop, nor under another key of the same name", async () => {
    const moved = stored.map((row, at) => ({ ...row, wrapped: stored[(at + 1) % 3]?.wrapped }));
    const swapped = { query: async () => ({ rows: moved }) } as unknown as Queries;
    const keys = await createKeyring([NEW]).ensure(swapped, shops);
    expect(refusalOf(() => keys.encrypt(7n, "x", IDENTITY))).toBe("does_not_open");
    const wrong = await createKeyring([makeKey("2026")]).ensure(db, shops);
    expect(refusalOf(() => wrong.encrypt(7n, "x", IDENTITY))).toBe("does_not_open");
  });

  test("is asked of the database once, for all shops that are new, and again only while it is young", async () => {
    const asked: string[][] = [];
    const young = new Set<bigint>([8n]);
    const counting = {
      query: async ({ values }: { values: [string[]] }) => {
        asked.push(values[0]);
        const rows = stored.filter(({ owner }) => values[0].includes(String(owner)));
        return { rows: rows.map((row) => ({ ...row, is_settled: !young.has(row.owner) })) };
      },
    } as unknown as Queries;
    const keyring = createKeyring([NEW]);
    await keyring.ensure(counting, [7n, 8n, 7n]);
    await keyring.ensure(counting, [7n, 8n]);
    young.clear();
    await keyring.ensure(counting, [7n, 8n]);
    await keyring.ensure(counting, [8n, 7n]);
    expect(asked).toEqual([["7", "8"], ["8"], ["8"]]);
  });
});
