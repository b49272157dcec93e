import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";

export interface ReceivedMail {
  to: string;
  subject: string;
  text: string;
  headers: string;
}

/**
 * Somebody's mail server. `refuse` names the addresses that it does not know; `login` is the only user
 * and password that it takes.
 */
export async function startMailServer({
  refuse = new Set<string>(),
  login,
}: {
  refuse?: Set<string>;
  login?: string;
} = {}) {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth({ username, password }, _session, callback) {
      if (`${username}:${password}` === login) callback(null, { user: username });
      else callback(new SmtpError("no such user", 535));
    },
    onRcptTo({ address }, _session, callback) {
      callback(refuse.has(address) ? new SmtpError(`<${address}> is not known here`, 550) : null);
    },
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
      stream.on("end", () => {
        const to = envelope.rcptTo.map(({ address }) => address).join();
        received.push({ to, ...parse(Buffer.concat(chunks).toString("utf8")) });
        callback();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, "127.0.0.1", () => {
      resolve((listening.address() as { port: number }).port);
    });
  });
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const user = login === undefined ? "" : `${login}@`;
  const SMTP_URL = `smtp://${user}127.0.0.1:${port}`;
  return { received, mail: { SMTP_URL, SMTP_FROM: "Pinrelay <alerts@pinrelay.test>" } };
}

class SmtpError extends Error {
  responseCode: number;
  constructor(message: string, responseCode: number) {
    super(message);
    this.responseCode = responseCode;
  }
}

function parse(raw: string): Omit<ReceivedMail, "to"> {
  const [head = "", ...body] = raw.split("\r\n\r\n");
  const headers = head.replaceAll(/\r\n[ \t]+/g, " ");
  const subject = /^Subject: (.*)$/m.exec(headers)?.[1] ?? "";
  const text = body.join("\n\n").replaceAll("=\r\n", "").replaceAll("\r\n", "\n");
  const decoded = text.replaceAll(/(?:=[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("=", ""), "hex").toString("utf8"),
  );
  return { headers, subject, text: decoded };
}
