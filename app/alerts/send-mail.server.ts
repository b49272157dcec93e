import type { MailServer } from "#app/platform/env/mail-env.server.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import type { CallbackOutcome } from "#app/tasks/callback/attempt-callback.server.ts";

interface Mail {
  /** The same for every try, so that a reader shows a repeat once. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

const CONNECT_MS = 5_000;
const TIMEOUT_MS = 10_000;

/** Sends one mail to one address. Never rejects for anything the network or the server does. */
export async function sendMail(
  server: MailServer,
  { id, ...mail }: Mail,
): Promise<CallbackOutcome> {
  refuseWhileHolding("The mail server");
  const url = new URL(server.SMTP_URL);
  // Loaded with the first mail: most processes never send one.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    url: server.SMTP_URL,
    // Left to itself it would send the password and the mail in clear where TLS is not offered.
    requireTLS: url.protocol === "smtp:" && !isLoopback(url),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      ...mail,
      from: server.SMTP_FROM,
      messageId: `<${id}@${server.SMTP_FROM.split("@")
        .at(-1)
        ?.replace(/[>\s]+$/, "")}>`,
      headers: { "Auto-Submitted": "auto-generated" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { ok: true };
  } catch (error) {
    return explain(error);
  } finally {
    transport.close();
  }
}

function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === "localhost" || hostname === "[::1]" || /^127[.]\d+[.]\d+[.]\d+$/.test(hostname)
  );
}

/** Repeats the number of the server's answer alone: its words may hold the address. */
function explain(error: unknown): CallbackOutcome {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const isPermanent = typeof responseCode === "number" && responseCode >= 500;
  const detail = typeof responseCode === "number" ? ` (${responseCode})` : "";
  if (code === "EAUTH" || code === "ENOAUTH") {
    return failed(
      `The mail server does not accept Pinrelay's login${detail}. Ask the operator to check SMTP_URL.`,
    );
  }
  if (code === "EENVELOPE" && isPermanent) {
    return {
      ok: false,
      why: `The mail server refuses this address${detail}. Correct it.`,
      isFinal: true,
    };
  }
  if (typeof responseCode === "number") {
    return failed(
      `The mail server did not take the email${detail}. Ask the operator to see its log.`,
    );
  }
  const reason = typeof code === "string" && /^E[A-Z_]+$/.test(code) ? ` (${code})` : "";
  return failed(
    `The mail server could not be reached${reason}. Ask the operator to check SMTP_URL.`,
  );
}

function failed(why: string): CallbackOutcome {
  return { ok: false, why, isFinal: false };
}
