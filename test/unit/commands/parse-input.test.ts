import { describe, expect, it, test } from "vitest";
import { CommandError } from "#app/commands/command.server.ts";
import { parseInput } from "#app/commands/read-input.server.ts";
import type { InputFormat } from "#app/tasks/files/raw-input.server.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";

const read = (text: string, source = "-", format?: InputFormat) =>
  parseInput("send_batch_events", { source, text, format });

async function events(text: string, source?: string, format?: InputFormat): Promise<unknown> {
  const { value, broken } = await read(text, source, format);
  expect([...broken]).toEqual([]);
  return (value as { events: unknown }).events;
}

async function failure(...args: Parameters<typeof read>) {
  const error = await read(...args).catch((thrown: unknown) => thrown);
  if (error instanceof CommandError) return { ...error.failure, exitCode: error.exitCode };
  throw new Error("the input was read");
}

describe("a CSV file", () => {
  test.each([
    ["Unix lines", "email,value\na@x.test,1.50\nb@x.test,2\n"],
    ["Windows lines and a padded width", "email,value,\r\na@x.test,1.50,\r\nb@x.test,2,\r\n"],
    ["old Mac lines", "email,value\ra@x.test,1.50\rb@x.test,2"],
    ["quotes", '"email","value"\n"a@x.test","1.50"\n"b@x.test","2"'],
    ["tabs", "email\tvalue\na@x.test\t1.50\nb@x.test\t2\n"],
    ["semicolons and decimal commas", "email;value\na@x.test;1,50\nb@x.test;2\n"],
    ["empty rows", "\nemail,value\n\na@x.test,1.50\n,\nb@x.test,2\n\n"],
    ["headings for people", "E Mail,VALUE\na@x.test,1.50\nb@x.test,2"],
    ["Excel's line for semicolons", "sep=;\r\nEmail;Value\r\na@x.test;1,50\r\nb@x.test;2"],
    ["Excel's line for commas", '"sep=,"\nemail,value\na@x.test,1.50\nb@x.test,2'],
    ["Excel's line for bars", "SEP=|\nemail|value\na@x.test|1.50\nb@x.test|2"],
    ["spaces around", " email , value\n a@x.test , 1.50\nb@x.test ,2\n"],
  ])("is read with %s", async (_name, text) => {
    expect(await events(text, "events.csv")).toEqual([
      { email: "a@x.test", value: "1.50" },
      { email: "b@x.test", value: "2" },
    ]);
  });

  it.each([
    ["2026-11-24 10:00:00", "2026-11-24T10:00:00"],
    ["2026-11-24 10:00", "2026-11-24T10:00"],
    ["2026-11-24 10:00:00 +0100", "2026-11-24T10:00:00+0100"],
    ["2026-11-24 10:00:00.5-03:30", "2026-11-24T10:00:00.5-03:30"],
    ["2026-11-24 10:00:00 UTC", "2026-11-24T10:00:00Z"],
    ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"],
    ["2026-11-24 tomorrow", "2026-11-24 tomorrow"],
    [`2026-11-24 ${" ".repeat(100_000)}`, "2026-11-24"],
  ])("has the moment %s", async (cell, eventTime) => {
    expect(await events(`email,eventTime\na@x.test,${cell}\n`)).toEqual([
      { email: "a@x.test", eventTime },
    ]);
  });

  it.each(["4.5E+13", "4,5E+13", "4E13", "-1.25e+20", "+4.50182E+13"])(
    "refuses the id %s, which a spreadsheet has ruined, by the column's name, and no other row",
    async (id) => {
      const { broken } = await read(`orderId\tvalue\n${id}\t5\n5210499102\t${"4.5E+13"}\n`);
      expect([...broken.keys()]).toEqual([0]);
      expect(broken.get(0)?.fields).toEqual([
        { path: "orderId", message: expect.stringContaining("spreadsheet") },
      ]);
    },
  );

  it("has hostile words as cells like any others", async () => {
    // Bytes hold no half of a pair, a spreadsheet trims, and 1e400 is an id that it has ruined.
    const texts = HOSTILE_TEXTS.filter((text) => text.isWellFormed() && text !== "1e400");
    const words = texts.filter((text) => text !== "" && text === text.trim());
    const cells = words.map((word) => `"${word.replaceAll('"', '""')}",1`);
    const text = `orderId,value\n${cells.join("\n")}\n`;
    expect(await events(text)).toEqual(words.map((orderId) => ({ orderId, value: "1" })));
  });

  it("has cells of the type of their key, and empty ones are absent", async () => {
    const row = 'TRUE,3,1795514400,"[{""id"":""a,b""}]",,1.10';
    expect(
      await events(`optOut,orderQuantity,eventTime,contents,email,value\n${row}`, "e.csv"),
    ).toEqual([
      {
        optOut: true,
        orderQuantity: 3,
        eventTime: 1795514400,
        contents: [{ id: "a,b" }],
        value: "1.10",
      },
    ]);
    const odd = "vielleicht;drei;2026-11-24T10:00:00Z;1.234,50";
    expect(await events(`optOut;orderQuantity;eventTime;value\n${odd}`, "e.csv")).toEqual([
      {
        optOut: "vielleicht",
        orderQuantity: "drei",
        eventTime: "2026-11-24T10:00:00Z",
        value: "1.234,50",
      },
    ]);
  });

  it("never takes thousands for decimals", async () => {
    expect(await events("email;value\na@x.test;1,234", "e.csv")).toMatchObject([
      { value: "1,234" },
    ]);
    expect(await events('email,value\na@x.test,"1,5"', "e.csv")).toMatchObject([{ value: "1,5" }]);
  });

  it("names rows by their line, also after cells of several lines", async () => {
    const text = 'email,value\r\n"a\r\n@x.test",1\r\n\r\nb@x.test,2\r\nc@x.test';
    const { lines, broken } = await read(text, "e.csv");
    expect(lines).toEqual([2, 5, 6]);
    expect([...broken]).toEqual([
      [2, expect.objectContaining({ fields: [expect.objectContaining({ path: "row" })] })],
    ]);
    expect((await read("sep=;\nEmail;Order ID\na;1\n", "e.csv")).lines).toEqual([3]);
  });

  it("finds a key by its heading in any case and with spaces, and once only", async () => {
    const text = "EMAIL,Order ID,Event Time,First Name\na@x.test,7,1795510800,Ann\n";
    expect(await events(text)).toEqual([
      { email: "a@x.test", orderId: "7", eventTime: 1_795_510_800, firstName: "Ann" },
    ]);
    expect(await events("E-MAIL,Order\u2011ID\na@x.test,7\n")).toEqual([
      { email: "a@x.test", orderId: "7" },
    ]);
    const { fields } = await failure("email,Email\na@x.test,b@x.test\n", "e.csv");
    expect(fields).toEqual([{ path: "email", message: expect.stringContaining("two") }]);
  });

  it("with a row of too many or too few cells loses that row alone", async () => {
    const { value, broken } = await read("email,value\na,1\nb\nc,2,3\n", "e.csv");
    expect(value).toEqual({ events: [{ email: "a", value: "1" }, {}, {}] });
    expect([...broken].map(([index, { message }]) => [index, message])).toEqual([
      [1, expect.stringContaining("has 1 cell, and the header 2")],
      [2, expect.stringContaining("has 3 cells, and the header 2")],
    ]);
  });

  it("with no heading that is quite right is not taken for a file without a header", async () => {
    const { fields } = await failure("e_mail,order_id\na@x.test,7\n", "e.csv");
    expect(fields).toEqual([
      { path: "e_mail", message: expect.stringContaining("write email") },
      { path: "order_id", message: expect.stringContaining("write orderId") },
    ]);
  });

  it("with a wrong column is refused, and the column named once", async () => {
    const error = await failure("email,E_Mail,colour,email,,value\na,b,c,d,e,f\n", "e.csv");
    expect(error).toMatchObject({ code: "invalid_input", exitCode: 2 });
    expect(error.fields).toEqual([
      { path: "E_Mail", message: expect.stringContaining("email") },
      { path: "colour", message: expect.any(String) },
      { path: "email", message: expect.stringContaining("two") },
      { path: "column 5", message: expect.any(String) },
    ]);
  });

  it("without a header is refused, and nobody's data repeated", async () => {
    const error = await failure("ann@x.test,5\nbob@x.test,6\n", "e.csv");
    expect(error.action).toContain("email,");
    expect(JSON.stringify(error)).not.toMatch(/ann|bob/);
  });

  test.each([
    ["an open quote", 'email,value\n"ann@x.test,1\n'],
    ["a quote in a cell", 'email,value\nann"@x.test,1\n'],
    ["text after a quote", 'email,value\n"ann"@x.test,1\n'],
  ])("with %s is refused by its line, and nobody's data repeated", async (_name, text) => {
    const error = await failure(text, "e.csv");
    expect(error.message).toMatch(/line [23]/);
    expect(JSON.stringify(error)).not.toContain("ann");
  });

  it("is read no further than one row too many", async () => {
    expect(await events(`email\n${"a@x.test\n".repeat(10_009)}`, "e.csv")).toHaveLength(10_001);
  });
});

describe("JSON Lines", () => {
  it("are one event a line", async () => {
    const text = '{"email":"a"}\r\n\r\n{"email":"b"}\r\n';
    for (const source of ["e.jsonl", "e.ndjson", "-"]) {
      expect(await events(text, source)).toEqual([{ email: "a" }, { email: "b" }]);
    }
    expect((await read(text)).lines).toEqual([1, 3]);
    expect(await events('{"email":"a"}')).toEqual([{ email: "a" }]);
  });

  it("with a broken line lose that row alone, and repeat nobody's data", async () => {
    const { value, broken } = await read('{"email":"a"}\n{"email":"ann@x.test"\n', "e.jsonl");
    expect(value).toEqual({ events: [{ email: "a" }, {}] });
    expect([...broken]).toEqual([[1, expect.objectContaining({ code: "invalid_input" })]]);
    expect(JSON.stringify([...broken])).toContain("column 22");
    expect(JSON.stringify([...broken])).not.toContain("ann");
  });

  it("that are something else are refused", async () => {
    expect(await failure("email,value\na,1\n", "e.jsonl")).toMatchObject({ exitCode: 2 });
  });
});

describe("JSON", () => {
  it("is an array of events, or an object that holds one", async () => {
    expect(await events(' [{"email":"a"}]')).toEqual([{ email: "a" }]);
    expect(await events('{"events":[{"email":"a"}]}')).toEqual([{ email: "a" }]);
    expect((await read('{\n"events":"[]",\n"test":true}')).value).toEqual({
      events: "[]",
      test: true,
    });
  });

  test.each([
    ['{\n  "email": "ann@x.test"\n  "value": 1\n}', "line 3, column 3"],
    ['[{"email": ann@x.test}]', "line 1, column 12"],
    ['[{"email":"ann@x.test"}', "line 1, column 24"],
  ])(
    "that is broken is refused by line and column, and repeats nobody's data",
    async (text, where) => {
      const error = await failure(text, "e.json");
      expect(error.message).toContain(where);
      expect(JSON.stringify(error)).not.toContain("ann");
    },
  );

  it("that is JSON Lines under the wrong name says what to do", async () => {
    expect((await failure('{"email":"a"}\n{"email":"b"}\n', "e.json")).action).toContain(
      "--format jsonl",
    );
    expect(await events('{"email":"a"}\n{"email":"b"}\n', "e.json", "jsonl")).toHaveLength(2);
  });
});

test("what comes on stdin is told apart by how it begins", async () => {
  expect(await events("email\na\n")).toEqual([{ email: "a" }]);
  expect(await events('\n[{"email":"a"}]')).toEqual([{ email: "a" }]);
  expect(await events('{"email":"a"}\n{"email":"b"}')).toHaveLength(2);
});

test("a list is not one event", async () => {
  const single = (source: string, text: string) =>
    parseInput("send_event", { source, text, format: undefined });
  await expect(single("-", "[]")).rejects.toThrow("is a list");
  await expect(single("e.csv", "email\na")).rejects.toThrow("is a list");
  expect((await single("-", '{"email":"a"}')).value).toEqual({ email: "a" });
});
