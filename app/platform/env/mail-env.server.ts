import { z } from "zod";

/** The operator's mail server, and whom its mail is from. */
export interface MailServer {
  SMTP_URL: string;
  SMTP_FROM: string;
}

const URL_FAULT =
  "must be a URL that starts with smtp:// or smtps://, such as smtp://user:password@mail.example:587";
const FROM_FAULT = "must be an email address, or a name with one: Pinrelay <alerts@example.com>";

export const MAIL_VARIABLES = {
  SMTP_URL: z
    .string()
    .refine((value) => URL.canParse(value) && isMailUrl(new URL(value)), URL_FAULT)
    .optional(),
  SMTP_FROM: z
    .string()
    .refine(
      (value) => /^(?:[^<>@"\r\n]{1,100} <)?[^\s<>@"]{1,64}@[^\s<>@"]{1,255}>?$/.test(value),
      FROM_FAULT,
    )
    .optional(),
};

function isMailUrl({ protocol, hostname }: URL): boolean {
  return ["smtp:", "smtps:"].includes(protocol) && hostname !== "";
}

/** Null: the operator has set up none, and nobody is told anything by e-mail. */
export function readMailServer({
  SMTP_URL,
  SMTP_FROM,
}: z.infer<z.ZodObject<typeof MAIL_VARIABLES>>): MailServer | null {
  return SMTP_URL === undefined || SMTP_FROM === undefined ? null : { SMTP_URL, SMTP_FROM };
}
