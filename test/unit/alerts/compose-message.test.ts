import { expect, test } from "vitest";
import { CAUSE_IDS, CAUSES, type Cause } from "#app/alerts/causes.server.ts";
import {
  type AlertMessage,
  composeMail,
  composePost,
  createAlertWriter,
} from "#app/alerts/compose-message.server.ts";
import { listDestinations } from "#app/alerts/destinations.server.ts";

const message: AlertMessage = {
  id: "msg_alert_1",
  phase: "begun",
  shop: { domain: "acme.myshopify.com", timeZone: "Asia/Kolkata" },
  cause: "connection_paused",
  severity: "critical",
  notice: { title: "A <b> & C", cause: "Why <that> is.", nextStep: "Do this & that." },
  begunAt: new Date("2026-11-30T18:40:00Z"),
  endedAt: null,
  link: "https://admin.shopify.com/store/acme/apps/key/app",
};

test("Slack gets its own form, in which our text marks up nothing", () => {
  expect(JSON.parse(composePost(message, "slack"))).toEqual({
    text: "A &lt;b&gt; &amp; C · acme.myshopify.com",
    blocks: [
      {
        type: "section",
        text: {
          type: "mrkdwn",
          text: "*A &lt;b&gt; &amp; C*\nWhy &lt;that&gt; is. Do this &amp; that.\n<https://admin.shopify.com/store/acme/apps/key/app|Open Pinrelay> · acme.myshopify.com",
        },
      },
    ],
  });
});

test("an address is Slack's by its host alone", () => {
  const urls = [
    "https://hooks.slack.com/services/T0/B0/x",
    "https://hooks.slack.com.evil.example/services",
    "https://example.com/hooks.slack.com",
  ];
  const channels = listDestinations(
    { alert_webhook_url: urls, alert_emails: ["a@b.example"] },
    { hasMail: true },
  ).map(({ channel }) => channel);
  expect(channels).toEqual(["slack", "webhook", "webhook", "email"]);
});

test("an email says the times in the shop's zone, and of an end that nothing is to be done", () => {
  const endedAt = new Date("2026-11-30T20:05:00Z");
  const { subject, text } = composeMail({ ...message, phase: "ended", endedAt });
  expect(subject).toBe("Over: A <b> & C (acme.myshopify.com)");
  expect(text).toContain("Since: Dec 1, 12:10 AM GMT+5:30\nUntil: Dec 1, 1:35 AM GMT+5:30\n");
  expect(text).toContain("There is nothing you need to do.");
  expect(text).not.toContain("Do this");
});

test.each(CAUSE_IDS)("the words of %s leave nothing open", (id) => {
  const cause: Cause = CAUSES[id];
  const at = "2026-11-30T18:40:00Z";
  const facts = { n: 1_200, all: 4_000, usual: 30, hours: 3, since: at, until: at, tag: "261" };
  for (const reason of ["forbidden", "account_not_found", "internal", "billing", "constructor"]) {
    const {
      title,
      cause: why,
      nextStep,
    } = cause.describe(
      { ...facts, reason, account: "Acme", detail: "a fault" },
      createAlertWriter("UTC"),
    );
    const text = `${title} ${why} ${nextStep}`;
    expect(text).not.toMatch(/[{}]|undefined|NaN|1970/);
    expect(title.length).toBeLessThan(90);
  }
});
