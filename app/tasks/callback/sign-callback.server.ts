import { Webhook } from "standardwebhooks";

export interface CallbackMessage {
  /** The same for every try: by it the receiver knows a repeat. */
  id: string;
  body: string;
}

/**
 * Headers of the Standard Webhooks convention. A secret that starts with `whsec_` is base64 after
 * that; any other is the bytes of its text. Without a secret there is no signature. Null for a
 * secret that cannot be one: `whsec_` and no base64, or nothing, behind it.
 */
export function signCallback(
  secret: string | null,
  { id, body }: CallbackMessage,
  now: Date,
): Record<string, string> | null {
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
  };
  if (secret === null) return headers;
  const webhook = open(secret);
  return webhook && { ...headers, "webhook-signature": webhook.sign(id, now, body) };
}

function open(secret: string): Webhook | null {
  try {
    // Left to itself the library takes every text for base64, also one that only looks like it.
    return secret.startsWith("whsec_")
      ? new Webhook(secret)
      : new Webhook(Buffer.from(secret, "utf8"), { format: "raw" });
  } catch {
    return null;
  }
}
