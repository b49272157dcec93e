import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { WebPixelSettings } from "#app/shopify/web-pixel.server.ts";
import { describeSize, ScriptTooBigError } from "#extensions/build-extensions.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const readToml = (path: string) => parse(read(path));

/** The keys that Shopify's command line knows and we use: it drops an unknown one in silence. */
const pixelToml = z.strictObject({
  name: z.string().min(1).max(30),
  type: z.literal("web_pixel_extension"),
  handle: z.literal("pinrelay-pixel"),
  uid: z.string(),
  runtime_context: z.literal("strict"),
  customer_privacy: z.strictObject({
    analytics: z.literal(false),
    // Shopify loads the pixel only with what is declared here, which consent must then allow.
    marketing: z.literal(true),
    preferences: z.literal(false),
    // "enabled" would keep the pixel from shoppers whose opt-out Pinterest is to be told of.
    sale_of_data: z.literal("ldu"),
  }),
  settings: z.strictObject({
    type: z.literal("object"),
    fields: z.record(
      z.string(),
      z.strictObject({
        name: z.string().min(1),
        description: z.string().min(1),
        type: z.literal("single_line_text_field"),
        validations: z.array(z.strictObject({ name: z.literal("min"), value: z.literal("1") })),
      }),
    ),
  }),
});

const themeToml = z.strictObject({
  name: z.string().min(1).max(30),
  type: z.literal("theme"),
  handle: z.literal("pinrelay-tag"),
  uid: z.string(),
});

/** What a merchant fills in, as far as the theme check does not look at it. */
const blockSchema = z.strictObject({
  name: z.string().startsWith("t:"),
  // Ahead of what changes the address of a landing page.
  target: z.literal("head"),
  javascript: z.string(),
  settings: z.array(
    z.union([
      z.strictObject({ type: z.literal("paragraph"), content: z.string().startsWith("t:") }),
      z.strictObject({
        type: z.literal("checkbox"),
        id: z.string().regex(/^[a-z_]+$/),
        label: z.string().startsWith("t:"),
        info: z.string().startsWith("t:"),
        default: z.boolean(),
      }),
    ]),
  ),
});

/** The name that Shopify's command line makes of an extension's handle, and writes where it is missing. */
function uidOf(handle: string): string {
  const namespace = Buffer.from("6ba7b8109dad11d180b400c04fd430c8", "hex");
  const digest = createHash("sha1").update(namespace).update(handle).digest("hex");
  return digest.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

const folders = readdirSync(new URL("extensions", ROOT), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const tomlOf = (folder: string) => readToml(`extensions/${folder}/shopify.extension.toml`);

describe("what Shopify is told of the extensions", () => {
  test("only keys that Shopify knows are used", () => {
    expect(() => pixelToml.parse(tomlOf("pinrelay-pixel"))).not.toThrow();
    expect(() => themeToml.parse(tomlOf("pinrelay-tag"))).not.toThrow();
  });

  test.each(folders)("%s has the uid that Shopify's command line would write into it", (folder) => {
    const given = tomlOf(folder) as { extensions?: unknown[] };
    const { uid, handle } = z
      .object({ uid: z.string(), handle: z.string() })
      .parse(given.extensions?.[0] ?? given);
    expect(uid).toBe(uidOf(handle));
  });

  test("the pixel's settings are those that the app gives it", () => {
    const given = { endpoint: true, shop: true, key: true } satisfies Record<
      keyof WebPixelSettings,
      true
    >;
    const { settings } = pixelToml.parse(tomlOf("pinrelay-pixel"));
    expect(Object.keys(settings.fields).toSorted()).toEqual(Object.keys(given).toSorted());
  });

  test("the scopes of pixels are asked for because there is one", () => {
    const { access_scopes } = z
      .object({ access_scopes: z.object({ scopes: z.string() }) })
      .parse(readToml("shopify.app.toml"));
    const types = folders.map((folder) => tomlOf(folder).type);
    const scopes = access_scopes.scopes.split(",");
    for (const scope of ["write_pixels", "read_customer_events"]) {
      expect(scopes.includes(scope)).toBe(types.includes("web_pixel_extension"));
    }
  });

  test("the theme's block has a script and texts that are there", () => {
    const liquid = read("extensions/pinrelay-tag/blocks/pinrelay-tag.liquid");
    const [, schema = ""] = /{% schema %}([\s\S]*){% endschema %}/.exec(liquid) ?? [];
    const { javascript, name, settings } = blockSchema.parse(JSON.parse(schema));
    expect(readdirSync(new URL("extensions/pinrelay-tag/assets", ROOT))).toEqual([javascript]);
    const texts = JSON.parse(read("extensions/pinrelay-tag/locales/en.default.schema.json"));
    const keys = [name, ...settings.flatMap((setting) => Object.values(setting))];
    for (const key of keys.filter((value) => String(value).startsWith("t:"))) {
      expect(texts).toHaveProperty(String(key).slice("t:".length), expect.stringMatching(/\w/));
    }
    for (const setting of settings) {
      if ("id" in setting) expect(liquid).toContain(`block.settings.${setting.id}`);
    }
  });

  test("the app is run for a store by a script that there is", () => {
    const { commands } = z
      .strictObject({
        name: z.string(),
        roles: z.array(z.enum(["frontend", "backend"])).length(2),
        webhooks_path: z.literal("/webhooks"),
        commands: z.record(z.enum(["dev", "predev"]), z.string()),
      })
      .parse(readToml("shopify.web.toml"));
    const { scripts } = JSON.parse(read("package.json"));
    for (const command of Object.values(commands)) {
      expect(Object.keys(scripts).map((name) => `npm run ${name}`)).toContain(command);
    }
  });
});

test("a script that a shop's pages would have to carry far is not built", () => {
  expect(describeSize("a/pixel.js", Buffer.alloc(80), 80)).toContain("pixel.js: 80 bytes of 80");
  expect(() => describeSize("a/pixel.js", Buffer.alloc(81), 80)).toThrow(ScriptTooBigError);
});
