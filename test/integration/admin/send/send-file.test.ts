import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFile } from "#app/admin/send/check-file.server.ts";
import { tryFile } from "#app/admin/send/send-file.server.ts";
import { acceptedOf } from "#test/integration/shopify/flow-fixture.ts";
import { csvFile, EMAIL, openSendWorld, type SendWorld } from "./send-world.ts";

let world: SendWorld;

beforeAll(async () => {
  world = await openSendWorld();
});
afterAll(() => world?.close());

const HEADER = "email,value,currency,orderId,isAlreadyHashed";

/** A row of the file for each kind of fault, so that each is known by its words. */
const FAULTY = [
  "not-an-address,1.00,EUR,x,",
  "ann@example.com,1 Euro,EUR,x,",
  "ann@example.com,1.00,Euros,x,",
  ",1.00,EUR,x,",
  "ann@example.com,1.00,EUR,x,true",
  "ann@example.com,1.00",
];

/** `total` rows of which 38 need changes: every tenth from the second on, as long as there are any. */
function manyRows(total: number) {
  const bad: number[] = [];
  const rows = Array.from({ length: total }, (_, index) => {
    if (index % 10 === 1 && bad.length < 38) {
      bad.push(index + 2);
      return FAULTY[bad.length % FAULTY.length];
    }
    return `person.${index}@example.com,${index}.50,EUR,order-${index},`;
  });
  return { text: [HEADER, ...rows].join("\n"), bad };
}

const merchant = () => world.openMerchant();

async function checked(text: string, name?: string) {
  const check = await checkFile(world.services, await merchant(), csvFile(text, name));
  if (!check.ok) throw new Error(check.problem.cause);
  return check;
}

async function problemOf(text: string | Uint8Array<ArrayBuffer>, name = "events.csv") {
  const check = await checkFile(world.services, await merchant(), new File([text], name));
  return check.ok ? null : check.problem;
}

describe("a file is checked as a whole", () => {
  test("with 38 bad rows in a thousand, and each is named as in the file", async () => {
    const { text, bad } = manyRows(1_000);
    const check = await checked(text);
    expect(check).toMatchObject({ title: "962 ready, 38 need changes", ready: 962, unfit: 38 });
    expect([...new Set(check.faults.map(({ row }) => row))]).toEqual(bad);
    expect(check.faults.slice(0, 6)).toEqual([
      expect.objectContaining({ column: "value", title: "Not an amount" }),
      expect.objectContaining({ column: "currency", title: "Not a currency code" }),
      expect.objectContaining({
        column: "email",
        title: "No email, and no IP address with browser",
      }),
      expect.objectContaining({
        column: "email",
        nextStep: expect.stringContaining("64 hexadecimal"),
      }),
      expect.objectContaining({ column: "Whole row", title: "Row can't be read" }),
      expect.objectContaining({ column: "email", title: "Not an email address" }),
    ]);
    expect(check.firstBody).not.toContain("person.");
  });

  test("and the rows to change come back as a file that needs the same changes", async () => {
    const { text } = manyRows(500);
    const { download } = await checked(text.replaceAll("\n", "\r\n"));
    expect(download).toMatchObject({ label: "Download the 38", name: "events-to-change.csv" });
    const lines = download?.text.trimEnd().split("\n") ?? [];
    expect([lines[0], lines.length]).toEqual([HEADER, 39]);
    const again = await checked(download?.text ?? "");
    expect(again).toMatchObject({ title: "0 ready, 38 need changes" });
  });

  test("where cells have several lines, rows are counted as spreadsheets count them", async () => {
    const header = "email,value,clientUserAgent";
    const text = `${header}\nann@example.com,1,"a\nb\nc"\n\nbob@example.com,x,y\n`;
    const { faults, download } = await checked(text);
    expect(faults.map(({ row }) => row)).toEqual([4]);
    expect(download?.text).toBe(`${header}\nbob@example.com,x,y\n`);
  });

  test.each([
    ["events.json", (rows: string[]) => `[${rows.join(",")}]`, [2]],
    ["events.jsonl", (rows: string[]) => `\n${rows.join("\n")}\n`, [3]],
  ])("as %s just as well", async (name, write, numbers) => {
    const rows = [`{"email":"${EMAIL}"}`, `{"email":"${EMAIL}","value":"1,5"}`];
    const check = await checked(write(rows), name);
    expect(check.title).toBe("1 ready, 1 needs changes");
    expect(check.faults).toMatchObject([{ column: "value", title: "Not an amount" }]);
    expect(check.faults.map(({ row }) => row)).toEqual(numbers);
    expect(JSON.parse(check.download?.text ?? "")).toEqual(
      name.endsWith(".json") ? [JSON.parse(rows[1] ?? "")] : JSON.parse(rows[1] ?? ""),
    );
  });

  test("in which one event stands twice names the row that counts", async () => {
    const row = "ann@example.com,1.00,EUR,1,";
    const { faults } = await checked([HEADER, row, "bob@example.com,1,EUR,2,", row].join("\n"));
    expect(faults).toMatchObject([{ row: 4, title: "Same event as row 2" }]);
  });

  test("without a currency has that of the store, and with too old a time says so", async () => {
    const check = await checked(
      "email,value,eventTime\nann@example.com,1,\nann@example.com,1,2026-01-01\n",
    );
    expect(JSON.parse(check.firstBody ?? "").data[0].custom_data.currency).toBe("USD");
    expect(check.faults).toMatchObject([{ row: 3, column: "eventTime" }]);
  });
});

describe("a file that can't be read says why and what to do", () => {
  test.each([
    [
      "more than 10,000 rows",
      `email\n${"a@example.com\n".repeat(10_001)}`,
      /more than 10,000 rows/,
    ],
    ["more than 5 MB", "x".repeat(5 * 1024 * 1024 + 1), /larger than 5 MB/],
    ["no rows", `${HEADER}\n`, /no rows/],
    ["nothing", "", /empty/],
    ["no header", "ann@example.com,5\n", /names no key/],
    ["a wrong column", "e_mail,value\na,b\n", /e_mail.*write email/],
    ["a column that the page has", "email,test\na,b\n", /test.*chosen on this page/],
  ])("with %s", async (_name, text, cause) => {
    const problem = await problemOf(text);
    expect(problem?.cause).toMatch(cause);
    expect(JSON.stringify(problem)).not.toContain("ann@");
    expect(JSON.stringify(problem)).not.toContain("--");
  });

  test("in JSON that is broken, or brings a token", async () => {
    expect((await problemOf('[{"email":', "e.json"))?.cause).toMatch(/line 1, column 11/);
    const token = await problemOf('{"accessToken":"pina_secret","events":[{}]}', "e.json");
    expect(token?.cause).toMatch(/^accessToken has no place/);
    expect(JSON.stringify(token)).not.toContain("pina_secret");
  });

  test("as a workbook, whatever its name says", async () => {
    const zip = new Uint8Array([0x50, 0x4b, 3, 4, 0xff]);
    for (const name of ["events.xlsx", "events.csv", "events.json"]) {
      expect((await problemOf(zip, name))?.nextStep, name).toMatch(/CSV \(UTF-8\)/);
    }
  });
});

describe("a file is tried", () => {
  async function tried(mode: "demo" | "test", text: string) {
    const who = await merchant();
    const sending = await tryFile(world.services, who, csvFile(text), mode);
    if (!sending.ok) throw new Error(sending.problem.cause);
    return { who, report: sending.report };
  }

  test("in demo with all its rows that are ready, and no request is made", async () => {
    const { who, report } = await tried("demo", manyRows(1_500).text);
    expect(report.text).toBe("1,462 events would go out in 2 requests.");
    expect(JSON.parse(report.firstBody ?? "").data).toHaveLength(2);
    expect(world.requestsOf(who.adAccountId)).toEqual([]);
  });

  test("in test with the first 20 of them, in one request that records nothing", async () => {
    const { who, report } = await tried("test", manyRows(100).text);
    expect(report).toMatchObject({ tone: "success", title: "Test: Pinterest checked 20 events" });
    expect(report.text).toMatch(/Rows after the first 20/);
    const requests = world.requestsOf(who.adAccountId);
    expect(requests.map(({ test, ids }) => [test, ids.length])).toEqual([[true, 20]]);
    expect(acceptedOf(world.pinterest, who)).toEqual([]);
  });

  test("in test, and Pinterest's refusals are named by their rows", async () => {
    const text = `eventName,customEventName,email\nlead,,${EMAIL}\ncustom,never_defined,${EMAIL}\n`;
    const { report } = await tried("test", text);
    expect(report.text).toMatch(/^1 has no fault, 1 would be refused/);
    expect(report.refused).toMatchObject([{ row: 3, answer: expect.stringContaining("refused") }]);
  });

  test("with nothing ready says so", async () => {
    const { report } = await tried("demo", `${HEADER}\nx,1,EUR,1,\n`);
    expect(report).toMatchObject({ title: "Not sent", text: "No row is ready to send." });
  });
});
