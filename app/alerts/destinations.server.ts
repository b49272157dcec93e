import type { ShopSettings } from "#app/events/shop-settings.ts";

export type Channel = "webhook" | "slack" | "email";

/** An address that receives alerts. */
export interface Destination {
  channel: Channel;
  address: string;
}

/** Slack's incoming webhooks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
const SLACK_HOSTS = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);

/** Lists the addresses in a shop's settings. Without a mail server, email addresses are left out. */
export function listDestinations(
  { alert_webhook_url, alert_emails }: Pick<ShopSettings, "alert_webhook_url" | "alert_emails">,
  { hasMail }: { hasMail: boolean },
): Destination[] {
  return [
    ...alert_webhook_url.map((address) => ({ channel: chooseChannel(address), address })),
    ...(hasMail ? alert_emails.map((address) => ({ channel: "email" as const, address })) : []),
  ];
}

function chooseChannel(url: string): Channel {
  return SLACK_HOSTS.has(new URL(url).hostname) ? "slack" : "webhook";
}

/**
 * SQL: what two addresses have alike that are one: an email address is the same in capitals, and a
 * webhook's path is not.
 */
export function addressKey(channel: string, address: string): string {
  return `case when ${channel} = 'email' then lower(${address}) else ${address} end`;
}

/** What may be shown and kept of an address: the path of a receiver's is often its key. */
export function nameDestination({ channel, address }: Destination): string {
  return channel === "email" ? address : new URL(address).host;
}
