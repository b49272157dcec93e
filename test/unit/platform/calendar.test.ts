import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCalendar, formatLocalTime, parseLocalTime } from "#app/platform/calendar.server.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

describe("a shop's days", () => {
  test("begin an hour late where the clocks are put forward at midnight", () => {
    const starts = [
      ["America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"],
      ["America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"],
      ["Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00Z"],
      ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"],
      ["Asia/Kathmandu", "2026-11-24", "2026-11-23T18:15:00Z"],
      ["UTC", "2026-11-24", "2026-11-24T00:00:00Z"],
    ] as const;
    for (const [zone, day, start] of starts) {
      expect([zone, createCalendar(zone).startOfDay(day)]).toEqual([zone, new Date(start)]);
    }
  });

  test("have each moment between their own start and the next one's, in every zone", () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
    // Samoa had no 30 December 2011; orders are of these years.
    const moment = fc.date({
      min: new Date("2024-01-01"),
      max: new Date("2031-01-01"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(zone, moment, (timeZone, at) => {
        const { dayOf, startOfDay } = createCalendar(timeZone);
        const day = dayOf(at);
        const start = startOfDay(day).getTime();
        const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
        expect(start).toBeLessThanOrEqual(at.getTime());
        expect(startOfDay(next).getTime()).toBeGreaterThan(at.getTime());
        expect(dayOf(new Date(start))).toBe(day);
        expect(dayOf(new Date(start - 1))).not.toBe(day);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a time typed by the shop's clocks", () => {
  test("is the moment that the clocks show, near a change of them too, and none that no calendar has", () => {
    const times = [
      ["Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z"],
      ["Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"],
      ["America/New_York", "2026-11-01T03:30:15", "2026-11-01T08:30:15Z"],
      ["Asia/Kolkata", "2026-11-24T09:30", "2026-11-24T04:00:00Z"],
      ["UTC", "2026-02-30T09:30", null],
      ["UTC", "yesterday", null],
    ] as const;
    for (const [zone, text, moment] of times) {
      const seconds = moment === null ? null : Date.parse(moment) / 1_000;
      expect([text, parseLocalTime(text, zone)]).toEqual([text, seconds]);
      if (seconds !== null) expect(formatLocalTime(seconds, zone)).toBe(text.slice(0, 16));
    }
  });
});
