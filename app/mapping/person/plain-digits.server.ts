const PLAIN = /^[ -~]*$/;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const DIGIT = /\p{Nd}/u;

/** Converts full-width letters and marks to plain ones (NFKC), and the digits of every script to 0–9. */
export function plainDigits(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.normalize("NFKC").replace(OTHER_DIGIT, (digit) => String(digitValue(digit)));
}

/** Unicode has the ten digits of a script in sequence, beginning with its zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
