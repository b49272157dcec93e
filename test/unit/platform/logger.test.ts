import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { inRequest, outsideRequest, readRequestId } from "#app/platform/http/request-id.server.ts";
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

test("a field that is not listed is an error of the compiler, and is left out where a cast hides it", () => {
  const { log, text, read } = openLog();
  const known = { shop: "demo.myshopify.com", email: "s3same" };
  // @ts-expect-error: no field of a log line holds an address, in an object made elsewhere neither
  log.info(known, "first");
  // @ts-expect-error: nor a body, under whatever name
  log.info({ shop: { email: "s3same" } }, "second");
  // @ts-expect-error: nor an error as it is
  log.info(Object.assign(new Error("third"), { request: "s3same" }), "third");
  const hidden = { request: { headers: { authorization: "s3same" } }, customer: "s3same" };
  log.info(hidden as never, "fourth");
  expect(text()).not.toContain("s3same");
  expect(read().map((line) => line.unlisted)).toEqual([
    "[redacted]",
    "[redacted]",
    undefined,
    "[redacted]",
  ]);
  expect(read()[0]).toMatchObject({ shop: "demo.myshopify.com" });
});

test("what a field holds has an end, and no line breaks a line", () => {
  const { log, read, text } = openLog();
  const long = "a\n".repeat(100_000);
  log.info({ path: long, left: Array.from({ length: 10_000 }, () => long) }, "long");
  expect(String(read()[0]?.path)).toHaveLength(1_000);
  expect(text().length).toBeLessThan(250_000);
  expect(text().trim().split("\n")).toHaveLength(1);
});

test("each line of a request has its id, and what outlives it has none", async () => {
  const { log, read } = openLog();
  await inRequest(readRequestId("from-the-proxy_1"), async () => {
    await new Promise(setImmediate);
    log.info("within");
    outsideRequest(() => log.info("outside"));
  });
  log.info("after");
  expect(read().map((line) => line.requestId)).toEqual(["from-the-proxy_1", undefined, undefined]);
});

test("a proxy's id is taken only in a form that says nothing else", () => {
  const hostile = [
    "short",
    "x".repeat(65),
    "a b c d e f",
    'id"},{"level":"fatal',
    "a@b.example",
    "",
    "id\u0000-0000-0000",
  ];
  for (const given of [...hostile, undefined, ["12345678", "12345678"]]) {
    expect(readRequestId(given)).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
  }
  expect(readRequestId("01890a5d-ac96-774b-bcce-b302099a8057")).toBe(
    "01890a5d-ac96-774b-bcce-b302099a8057",
  );
});

test("an error is logged with its name, code, message and stack, and without the request on it", () => {
  const { log, read, text } = openLog();
  const cause = Object.assign(new TypeError("inner"), { detail: "Key (email)=(s3same)" });
  const error = Object.assign(new Error("outer", { cause }), {
    code: "ECONNRESET",
    request: { headers: { Authorization: "Bearer s3same" } },
    response: { body: "s3same" },
  });
  log.error({ err: error }, "failed");
  const described = {
    name: "Error",
    code: "ECONNRESET",
    message: "outer",
    stack: expect.stringContaining("logger.test.ts"),
    cause: { name: "TypeError", message: "inner", stack: expect.any(String) },
  };
  expect(read().map((line) => line.err)).toEqual([described]);
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
    log.error({ err: new Error(`It broke:\n"${secret}"`) }, "failed");
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

test("a process logs to its standard output and nowhere else", () => {
  const script = `import { createLogger } from "#app/platform/logger.server.ts";
    createLogger("trace").fatal("told"); createLogger("silent").fatal("not told");`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", script],
    { encoding: "utf8" },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).msg),
  ).toEqual(["told"]);
});

test("the metrics of a process start with Node's own, and each registry is apart", async () => {
  const text = await createRegistry().metrics();
  expect(text).toContain("process_cpu_user_seconds_total");
  expect(text).toContain("nodejs_eventloop_lag_seconds");
  expect(await createRegistry().metrics()).toContain("process_start_time_seconds");
});
