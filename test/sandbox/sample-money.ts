const NO_DECIMALS = new Set(["JPY", "KRW", "CLP", "VND"]);
const THREE_DECIMALS = new Set(["KWD", "BHD", "OMR", "TND", "JOD"]);

/** Units of one US dollar, roughly: enough for prices that look right. */
const PER_DOLLAR: Record<string, number> = {
  USD: 1,
  CAD: 1.4,
  GBP: 0.79,
  EUR: 0.95,
  AUD: 1.54,
  JPY: 154,
  KWD: 0.307,
  BRL: 5.8,
  SEK: 11,
  CHF: 0.88,
};

/** Digits after the point: 2, 0 for yen and its like, 3 for dinars. */
function decimalsOf(currency: string): number {
  if (NO_DECIMALS.has(currency)) return 0;
  return THREE_DECIMALS.has(currency) ? 3 : 2;
}

/** Shopify's decimal string of an amount in minor units: `1980` yen is `"1980"`. */
function formatMinor(minor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return String(minor);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const split = digits.length - decimals;
  return `${minor < 0 ? "-" : ""}${digits.slice(0, split)}.${digits.slice(split)}`;
}

/** A price in dollars as minor units of `currency`. */
export function priceIn(currency: string, dollars: number): number {
  const rate = PER_DOLLAR[currency] ?? 1;
  return Math.round(dollars * rate * 10 ** decimalsOf(currency));
}

/** Amounts in the shop's currency and in the one the buyer saw. */
export interface Purse {
  text(minor: number): string;
  set(minor: number): {
    shop_money: { amount: string; currency_code: string };
    presentment_money: { amount: string; currency_code: string };
  };
}

export function createPurse(currency: string, presentmentCurrency: string): Purse {
  const perUnit = (PER_DOLLAR[presentmentCurrency] ?? 1) / (PER_DOLLAR[currency] ?? 1);
  const shift = 10 ** (decimalsOf(presentmentCurrency) - decimalsOf(currency));
  const convert = (minor: number) =>
    currency === presentmentCurrency ? minor : Math.round(minor * perUnit * shift);
  return {
    text: (minor) => formatMinor(minor, currency),
    set: (minor) => ({
      shop_money: { amount: formatMinor(minor, currency), currency_code: currency },
      presentment_money: {
        amount: formatMinor(convert(minor), presentmentCurrency),
        currency_code: presentmentCurrency,
      },
    }),
  };
}
