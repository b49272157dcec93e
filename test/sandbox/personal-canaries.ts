const PERSONAL_KEYS = new Set([
  "email",
  "contact_email",
  "phone",
  "sms_marketing_phone",
  "first_name",
  "last_name",
  "address1",
  "address2",
  "company",
  "browser_ip",
  "user_agent",
]);

/** Too short to prove a leak: it would be found by chance. */
const MIN_LENGTH = 4;

function variantsOf(key: string, value: string): string[] {
  if (key.endsWith("email")) return [value, value.toLowerCase()];
  if (!key.endsWith("phone")) return [value];
  const digits = value.replace(/\D/g, "");
  return digits.length >= 8 ? [value, digits] : [value];
}

function collect(node: unknown, found: Set<string>): void {
  if (node === null || typeof node !== "object") return;
  // The full name of an address; an order and a product have a `name` too.
  const isPerson = "first_name" in node || "last_name" in node;
  for (const [key, value] of Object.entries(node)) {
    const isPersonal = PERSONAL_KEYS.has(key) || (key === "name" && isPerson);
    if (!isPersonal || typeof value !== "string") collect(value, found);
    else for (const text of variantsOf(key, value)) found.add(text);
  }
}

/**
 * Every plaintext e-mail, phone, name, street, IP and user agent in a webhook body, also in the
 * plainest normalised form: strings that must be found nowhere outside it.
 */
export function personalCanaries(body: unknown): string[] {
  const found = new Set<string>();
  collect(body, found);
  return [...found].filter((text) => text.length >= MIN_LENGTH);
}
