import type { Database } from "#app/platform/db.server.ts";
import type { MailServer } from "#app/platform/env/mail-env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import {
  attemptCallback,
  type CallbackOutcome,
  type CallbackServices,
} from "#app/tasks/callback/attempt-callback.server.ts";
import { type AlertMessage, composeMail, composePost } from "./compose-message.server.ts";
import type { Destination } from "./destinations.server.ts";
import { sendMail } from "./send-mail.server.ts";

export interface SendServices extends CallbackServices {
  db: Pick<Database, "pool">;
  keyring: Keyring;
  /** Null: the operator has set up none. */
  mail: MailServer | null;
}

/**
 * Sends a message to one destination, once. A webhook is signed with the shop's secret, as results
 * are, and obeys the same rules of addresses; Slack checks no signature and is given none.
 */
export async function sendMessage(
  services: SendServices,
  message: AlertMessage,
  { channel, address }: Destination,
): Promise<CallbackOutcome> {
  const { db, keyring, mail } = services;
  if (channel === "email") {
    if (mail === null) return { ok: false, why: NO_MAIL, isFinal: true };
    return sendMail(mail, { id: message.id, to: address, ...composeMail(message) });
  }
  const secret =
    channel === "slack" ? null : await readCallbackSecret({ db, keyring }, message.shop.domain);
  const body = composePost(message, channel);
  return attemptCallback(services, { url: address, secret, id: message.id, body });
}

const NO_MAIL = "The operator of this Pinrelay has not given it a mail server. Ask for it.";
