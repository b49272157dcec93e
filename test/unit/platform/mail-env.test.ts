import { expect, test } from "vitest";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { readMailServer } from "#app/platform/env/mail-env.server.ts";

const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000/" };
const SMTP_URL = "smtp://user:secret-word@mail.example:587";
const SMTP_FROM = "Pinrelay <alerts@example.com>";

const read = (env: Record<string, string>) => readMailServer(parseEnv({ ...SANDBOX, ...env }));

test("a mail server is an address and whom its mail is from, or there is none", () => {
  expect(read({})).toBeNull();
  expect(read({ SMTP_URL: "", SMTP_FROM: " " })).toBeNull();
  expect(read({ SMTP_URL, SMTP_FROM })).toEqual({ SMTP_URL, SMTP_FROM });
  expect(read({ SMTP_URL: "smtps://mail.example", SMTP_FROM: "a@b.example" })).not.toBeNull();
});

test.each([
  [{ SMTP_URL }, /^ {2}SMTP_FROM is missing, while SMTP_URL is set: both or neither$/m],
  [{ SMTP_FROM }, /^ {2}SMTP_URL is missing, while SMTP_FROM is set: both or neither$/m],
  [{ SMTP_URL: "https://user:secret-word@mail.example", SMTP_FROM }, /^ {2}SMTP_URL must be/m],
  [{ SMTP_URL: "secret-word", SMTP_FROM }, /^ {2}SMTP_URL must be/m],
  [{ SMTP_URL, SMTP_FROM: "secret-word" }, /^ {2}SMTP_FROM must be/m],
  [{ SMTP_URL, SMTP_FROM: "a@b.example\r\nBcc: c@d.example" }, /^ {2}SMTP_FROM must be/m],
])("%j stops the start, and no value is repeated", (env, fault) => {
  expect(() => read(env)).toThrow(fault);
  expect(() => read(env)).not.toThrow(/secret-word|Bcc/);
});
