import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { parseEnv } from "#app/platform/env/env.server.ts";

const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000/" };
const pem = { type: "pkcs8", format: "pem" } as const;
const spki = { type: "spki", format: "pem" } as const;
const rsa = (modulusLength: number) =>
  generateKeyPairSync("rsa", { modulusLength, privateKeyEncoding: pem, publicKeyEncoding: spki });
const read = (key: string) =>
  parseEnv({ ...SANDBOX, SHOPIFY_APP_PRIVATE_KEY: key }).SHOPIFY_APP_PRIVATE_KEY;

const good = rsa(2_048);

test("the app's key is an RSA key, on lines or on one, or there is none", () => {
  expect(read("")).toBeUndefined();
  expect(read(good.privateKey)?.key.type).toBe("private");
  expect(read(good.privateKey.replaceAll("\n", "\\n"))?.key.asymmetricKeyType).toBe("rsa");
});

test.each([
  ["a short key", rsa(1_024).privateKey],
  ["the public half", good.publicKey],
  ["another kind", generateKeyPairSync("ed25519").privateKey.export(pem).toString()],
  ["half a key", good.privateKey.slice(0, 200)],
  ["no key", "secret-word"],
])("%s stops the start, and nothing of it is repeated", (_what, key) => {
  expect(() => read(key)).toThrow(/^ {2}SHOPIFY_APP_PRIVATE_KEY must be/m);
  expect(() => read(key)).not.toThrow(key.slice(30, 60) || /secret-word/);
});
