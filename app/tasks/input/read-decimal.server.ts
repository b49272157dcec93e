const EXPONENT = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/;

/**
 * An amount as a plain decimal. Text is kept to the digit; of a number, the digits that JavaScript
 * shows, without the exponent in which it writes those below a millionth.
 */
export function readDecimal(amount: number | string): string {
  if (typeof amount === "string") return amount;
  const digits = String(amount);
  const [, sign, first, rest = "", exponent] = EXPONENT.exec(digits) ?? [];
  if (exponent === undefined) return digits;
  return `${sign}0.${"0".repeat(Number(exponent) - 1)}${first}${rest}`;
}
