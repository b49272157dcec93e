import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import {
  type CallbackServices,
  postCallback,
} from "#app/tasks/callback/attempt-callback.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";

const SECRET = `whsec_${Buffer.from("a secret of the receiver").toString("base64")}`;
const DOCUMENT: TaskDocument = {
  task: "list_conversion_tags",
  demo: false,
  ok: true,
  ad_account_id: "549755885175",
  tags: [],
  note: "Zoë ✓",
};

/** Posts as the command line does in sandbox mode; a wait takes no time. */
async function post(
  url: string,
  { secret = SECRET, ...services }: Partial<CallbackServices> & { secret?: string | null } = {},
) {
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const posted = await postCallback(
    { allowLoopback: true, wait, ...services },
    { url, secret, id: "msg_1", document: DOCUMENT },
  );
  return { posted, waits };
}

/** A resolver that gives one list of addresses after the other, and keeps to the last. */
function resolver(...answers: string[][]) {
  const asked: string[] = [];
  const resolveName = async (name: string) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] as string[];
    asked.push(name);
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, resolveName };
}

describe("a result posted to a URL", () => {
  test("is the document itself, and the receiver's library accepts its signature", async () => {
    const receiver = await startReceiver();
    const { posted } = await post(receiver.url);
    expect(posted).toEqual({ ok: true, attempts: 1 });
    const [message] = receiver.received;
    expect(message?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": "msg_1",
    });
    const { body = "", headers = {} } = message ?? {};
    expect(new Webhook(SECRET).verify(body, headers)).toEqual(DOCUMENT);
  });

  test.each(["any text, Zoë's", "dGhpcyBsb29rcyBsaWtlIGJhc2U2NA=="])(
    "is signed with the bytes of a secret that has no whsec_: %s",
    async (secret) => {
      const receiver = await startReceiver();
      await post(receiver.url, { secret });
      const { body = "", headers = {} } = receiver.received[0] ?? {};
      const webhook = new Webhook(Buffer.from(secret), { format: "raw" });
      expect(webhook.verify(body, headers)).toEqual(DOCUMENT);
    },
  );

  test("goes without a signature where there is no secret", async () => {
    const receiver = await startReceiver();
    await post(receiver.url, { secret: null });
    const { headers } = receiver.received[0] ?? {};
    expect(headers).toHaveProperty("webhook-timestamp");
    expect(headers).not.toHaveProperty("webhook-signature");
  });

  test.each(["whsec_", "whsec_no base64!"])(
    "is not sent with a secret that is cut off: %s",
    async (secret) => {
      const receiver = await startReceiver();
      const { posted } = await post(receiver.url, { secret });
      expect(posted).toMatchObject({ ok: false, why: expect.stringContaining("not base64") });
      expect(receiver.received).toEqual([]);
    },
  );
});

describe("a receiver that does not take it", () => {
  test("gets it three times under one id, each signed anew", async () => {
    const receiver = await startReceiver((count) => ({ status: count < 3 ? 503 : 200 }));
    const { posted, waits } = await post(receiver.url);
    expect(posted).toEqual({ ok: true, attempts: 3 });
    expect(waits).toEqual([1_000, 5_000]);
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(
      Array(3).fill("msg_1"),
    );
    for (const { body, headers } of receiver.received) new Webhook(SECRET).verify(body, headers);
  });

  test("is named with what it answered, and nothing of its words", async () => {
    const receiver = await startReceiver(() => ({ status: 500, text: "INTERNALS" }));
    const { posted } = await post(receiver.url);
    expect(posted).toMatchObject({ ok: false, attempts: 3, why: expect.stringContaining("500") });
    expect(JSON.stringify(posted)).not.toMatch(/INTERNALS|of-the-receiver|127\.0/);
  });

  test("that is gone for good is not asked again", async () => {
    const receiver = await startReceiver(() => ({ status: 410 }));
    const { posted } = await post(receiver.url);
    expect(posted).toMatchObject({ ok: false, attempts: 1 });
  });

  test("and takes too long is given up", async () => {
    const receiver = await startReceiver(() => undefined);
    const { posted } = await post(receiver.url, { timeoutMs: 50 });
    expect(posted).toMatchObject({ ok: false, why: expect.stringContaining("too long") });
  });

  test("or is not there gets the reason", async () => {
    const { posted } = await post("http://127.0.0.1:1/");
    expect(posted).toMatchObject({ ok: false, why: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("an answer of 2xx", () => {
  test("counts however much text comes with it", async () => {
    const receiver = await startReceiver(() => ({ status: 200, text: "x".repeat(20_000_000) }));
    expect((await post(receiver.url)).posted).toEqual({ ok: true, attempts: 1 });
  });

  test("counts though its text never ends, and little of it is read", async () => {
    let written = 0;
    const receiver = await startReceiver((_, response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) written += 65_536;
      };
      response.on("drain", pour).on("error", () => {});
      pour();
      return undefined;
    });
    expect((await post(receiver.url)).posted).toEqual({ ok: true, attempts: 1 });
    expect(written).toBeLessThan(50_000_000);
  });

  test("counts though its text stops in the middle", async () => {
    const receiver = await startReceiver((_, response) => {
      response.writeHead(200).write("o");
      return undefined;
    });
    const { posted } = await post(receiver.url, { timeoutMs: 3_000 });
    expect(posted).toEqual({ ok: true, attempts: 1 });
  });
});

describe("an address that is not public", () => {
  const refused = { ok: false, attempts: 1, why: expect.stringContaining("internet") };

  test("is not connected to when it stands in the URL", async () => {
    const receiver = await startReceiver();
    const { posted } = await post(receiver.url.replace("http:", "https:"), {
      allowLoopback: false,
    });
    expect(posted).toMatchObject(refused);
    expect(receiver.received).toEqual([]);
  });

  test.each([
    [["127.0.0.1"]],
    [["10.0.0.5"]],
    [["169.254.169.254"]],
    [["fe80::1%eth0"]],
    [["::ffff:192.168.0.1"]],
    [["8.8.8.8", "10.0.0.5"]],
    [[]],
  ])("is not connected to when a name leads there: %j", async (addresses) => {
    const { asked, resolveName } = resolver(addresses);
    const { posted } = await post("https://hooks.example/", { allowLoopback: false, resolveName });
    expect(posted).toMatchObject(refused);
    expect(asked).toEqual(["hooks.example"]);
  });

  test("is not connected to in the sandbox either, where loopback is", async () => {
    const { resolveName } = resolver(["127.0.0.1", "10.0.0.5"]);
    const { posted } = await post("http://hooks.localhost/", { resolveName });
    expect(posted).toMatchObject(refused);
  });

  test("is not reached by a redirect", async () => {
    const inner = await startReceiver();
    const outer = await startReceiver(() => ({ status: 307, headers: { location: inner.url } }));
    const { posted } = await post(outer.url);
    expect(posted).toMatchObject({ ok: false, why: expect.stringContaining("redirects") });
    expect(inner.received).toEqual([]);
  });

  test("is not reached by a name that leads elsewhere the next time", async () => {
    const receiver = await startReceiver(() => ({ status: 500 }));
    const { asked, resolveName } = resolver(["127.0.0.1"], ["10.0.0.5"]);
    const url = `http://hooks.localhost:${receiver.port}/`;
    const { posted } = await post(url, { resolveName });
    expect(posted).toMatchObject({ ...refused, attempts: 2 });
    expect(receiver.received).toHaveLength(1);
    // Asked once a try: what was checked is what was connected to.
    expect(asked).toHaveLength(2);
  });

  test("is all that a failed look-up says", async () => {
    const resolveName = async () => {
      throw Object.assign(new Error("queryA ENOTFOUND of resolver 10.1.2.3"), {
        code: "ENOTFOUND",
      });
    };
    const { posted } = await post("https://hooks.example/", { resolveName });
    expect(posted).toMatchObject({ ok: false, why: expect.stringContaining("ENOTFOUND") });
    expect(JSON.stringify(posted)).not.toContain("10.1.2.3");
  });
});
