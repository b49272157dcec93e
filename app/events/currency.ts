/**
 * Codes that Node's list lacks: ISO's funds and units of account, Venezuela's second bolívar, and
 * Jersey's pound, which Shopify has beside ISO's.
 */
const OTHERS = ["BOV", "CHE", "CHW", "CLF", "COU", "JEP", "MXV", "USN", "UYI", "UYW", "VED"];

const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf("currency"), ...OTHERS]);

/** Whether three capital letters are a currency of ISO 4217, also one that was replaced lately. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}
