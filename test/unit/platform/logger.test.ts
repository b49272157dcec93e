import { expect, test } from "vitest";
import { createLogger, type Logger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";

function openLog(level = "info"): {
  log: Logger;
  read(): Record<string, unknown>[];
  text(): string;
} {
  const lines: string[] = [];
  const log = createLogger(level, { write: (line: string) => void lines.push(line) });
  return {
    log,
    read: () => lines.map((line) => JSON.parse(line)),
    text: () => lines.join(""),
  };
}

test("a log line has its time, its level by name, its ids and its message", () => {
  const { log, read } = openLog();
  log.info({ shop: "demo.myshopify.com", attempt: 7 }, "batch sent");
  log.debug("not asked for");
  expect(read()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      shop: "demo.myshopify.com",
      attempt: 7,
      msg: "batch sent",
    },
  ]);
});

test("tokens, authorization and e-mail addresses are blotted out, however deep a caller puts them", () => {
  const { log, text } = openLog();
  log.info({
    token: "s3same",
    connection: { accessToken: "s3same", refresh_token: "s3same" },
    request: { headers: { authorization: "s3same", cookie: "s3same" } },
    customer: { email: "s3same" },
  });
  expect(text()).not.toContain("s3same");
  expect(text()).toContain("[redacted]");
});

test("an error is logged with its name, code, message and stack, and without the request on it", () => {
  const { log, read, text } = openLog();
  const cause = Object.assign(new TypeError("inner"), { detail: "Key (email)=(s3same)" });
  const error = Object.assign(new Error("outer", { cause }), {
    code: "ECONNRESET",
    request: { headers: { Authorization: "Bearer s3same" } },
    response: { body: "s3same" },
  });
  log.error(error, "failed");
  log.error({ err: error }, "failed");
  log.error({ error }, "failed");
  const described = {
    name: "Error",
    code: "ECONNRESET",
    message: "outer",
    stack: expect.stringContaining("logger.test.ts"),
    cause: { name: "TypeError", message: "inner", stack: expect.any(String) },
  };
  expect(read().map((line) => line.err ?? line.error)).toEqual([described, described, described]);
  expect(text()).not.toContain("s3same");
});

test("secrets and addresses inside an error's message and stack are blotted out", () => {
  for (const secret of [
    "Bearer pina_abcDEF123",
    "token pina_abcDEF123 refused",
    "shpat_0123456789abcdef is invalid",
    "jane.doe+news@example.co.uk is taken",
    "GET https://demo.myshopify.com/admin?id_token=eyJhbGciOi.x.y failed",
    "postgresql://pinrelay:hunter2@db.example/pinrelay",
  ]) {
    const { log, text, read } = openLog();
    log.error(new Error(`It broke:\n"${secret}"`));
    log.warn(secret);
    expect(text()).not.toMatch(/pina_abc|shpat_0|jane\.doe|eyJhbG|hunter2/);
    expect(read()[0]?.err).toMatchObject({ message: expect.stringContaining("It broke:\n") });
    expect(text()).toMatch(/logger\.test\.ts:\d+/);
  }
});

test("whatever is thrown can be logged, and an endless chain of causes ends", () => {
  const { log, read } = openLog();
  const endless = new Error("again");
  endless.cause = endless;
  for (const err of [endless, "a word to jane@example.com", null, undefined, { token: "s3same" }]) {
    log.error({ err }, "thrown");
  }
  expect(read()).toHaveLength(5);
  expect(JSON.stringify(read())).not.toMatch(/jane|s3same/);
});

test("the metrics of a process start with Node's own, and each registry is apart", async () => {
  const text = await createRegistry().metrics();
  expect(text).toContain("process_cpu_user_seconds_total");
  expect(text).toContain("nodejs_eventloop_lag_seconds");
  expect(await createRegistry().metrics()).toContain("process_start_time_seconds");
});
