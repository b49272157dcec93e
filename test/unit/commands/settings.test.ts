import { expect, test } from "vitest";
import { settingsHelp, settingsPage } from "#app/commands/describe-settings.server.ts";
import { findSetting, SETTINGS, type Setting } from "#app/events/settings-table.ts";
import { shopSettings } from "#app/events/shop-settings.ts";

const byDefault: Record<string, unknown> = shopSettings.parse({});

test("docs/settings.md and the help of the command are made of the table", async () => {
  await expect(settingsPage()).toMatchFileSnapshot("../../../docs/settings.md");
  for (const name of Object.keys(byDefault)) expect(settingsHelp()).toContain(name);
});

test("every setting of the schema is in the table, with the values that the schema takes", () => {
  const known = Object.keys(byDefault).map((name) => [name, findSetting(name) !== undefined]);
  expect(known.filter(([, isKnown]) => !isKnown)).toEqual([]);
  const takes = (name: string, value: unknown) => shopSettings.safeParse({ [name]: value }).success;
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    const key =
      setting.default === undefined
        ? `${name}.default`.replace("source.default", "source.web")
        : name;
    for (const value of Object.keys(setting.values ?? {})) {
      expect([key, value, takes(key, value)]).toEqual([key, value, true]);
    }
    const [least, most] = setting.range ?? [0, 0];
    if (setting.range === undefined) continue;
    expect([least - 1, least, most, most + 1].map((n) => takes(name, n))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(setting.fault).toBe(`Enter a whole number from ${least} to ${most}`);
  }
});
