import { InvalidArgumentError } from "commander";
import { type Country, readCountry } from "#app/events/country.ts";
import { lookUp } from "#app/events/look-up.ts";
import { isPinterestId } from "#app/pinterest/limits.server.ts";
import { isShopDomain } from "#app/shops/find-shop.server.ts";

// Values of options as the command line reads them: each is checked before a command is loaded.

export function shopDomain(text: string): string {
  const domain = text.trim().toLowerCase();
  if (isShopDomain(domain)) return domain;
  throw new InvalidArgumentError("It should be like demo.myshopify.com.");
}

export function digits(text: string): string {
  if (isPinterestId(text)) return text;
  throw new InvalidArgumentError("It should be 1 to 18 digits, as Pinterest shows it.");
}

export function countryCode(text: string): Country {
  const code = readCountry(text);
  if (code !== null) return code;
  throw new InvalidArgumentError("It should be a country's two letters, such as DE.");
}

export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It should be a whole number from 1 to 999999.");
}

export function wholeSeconds(text: string): number {
  if (/^([12]?\d|30)$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It should be whole seconds, from 0 to 30.");
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function pastTime(text: string): Date {
  const [, n, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const at =
    n === undefined
      ? new Date(text)
      : new Date(Date.now() - Number(n) * (lookUp(UNIT_MS, unit) ?? 0));
  if (at.getTime() > Date.now()) throw new InvalidArgumentError("It should lie in the past.");
  if (!Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError(
    "It should be like 2026-11-24T10:00:00Z, 2026-11-24, 90m, 24h or 7d.",
  );
}
