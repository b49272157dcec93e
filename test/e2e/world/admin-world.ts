import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Frame, type Page, test } from "@playwright/test";
import { computeLane } from "#app/events/lane.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { findLayoutFaults } from "./layout-faults.ts";
import { type LocalStack, SHOP, startLocalStack } from "./local-stack.ts";

/** The running app between its two local servers, and the database that it uses. */
export interface World extends LocalStack {
  db: Database;
  /** The demo shop, installed. */
  shop: { id: bigint; domain: string; lane: number };
}

/** Starts everything and installs the shop, as its first visit does. */
export async function openWorld(env: Record<string, string> = {}): Promise<World> {
  const stack = await startLocalStack(env);
  const db = await openDatabase({ DATA_DIR: stack.dataDir });
  await visitAdmin(stack, SHOP);
  const { rows } = await db.pool.query<{ id: bigint }>("select id from shop where domain = $1", [
    SHOP,
  ]);
  const shop = { id: rows[0]?.id ?? 0n, domain: SHOP, lane: computeLane(SHOP) };
  return {
    ...stack,
    db,
    shop,
    async close() {
      await db.close();
      await stack.close();
    },
  };
}

/** Shopify's library turns away whatever does not look like a browser. */
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

/** A shop's first visit, which installs the app. */
export async function visitAdmin({ app, shopify }: LocalStack, shop: string): Promise<void> {
  const page = await fetch(shopify.frameUrl(shop), { headers: { "User-Agent": BROWSER } });
  if (page.ok) return;
  throw new Error(`the first visit of ${shop} was answered ${page.status}:\n${app.output()}`);
}

/**
 * Makes every test of the file fail over an error or a warning in the console (React's about
 * hydration are among them) and over a request to another host. Returns what was noted so far:
 * a test that provokes one takes it out again.
 */
export function watchComplaints(): string[] {
  const complaints: string[] = [];
  test.beforeEach(({ page }) => {
    complaints.length = 0;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (hostname !== "127.0.0.1" && !["data:", "blob:"].includes(protocol))
        complaints.push(request.url());
    });
  });
  test.afterEach(() => {
    expect(complaints, "errors in the console, and requests to the outside").toEqual([]);
  });
  return complaints;
}

/** A page of the admin (`/events?state=rejected`) as the only one of the window. */
export async function openPage(page: Page, world: LocalStack, path = ""): Promise<void> {
  const [pathname = "", search = ""] = path.split("?");
  const address = new URL(world.shopify.frameUrl(SHOP, pathname));
  for (const [key, value] of new URLSearchParams(search)) address.searchParams.append(key, value);
  await page.goto(address.href);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await untilUsable(page);
}

/**
 * Makes Shopify say of every page that is opened from now on how it is with the theme embed in the
 * published theme; `unknown`: it does not say.
 */
export async function setEmbed(
  page: Page,
  status: "active" | "available" | "unavailable" | "unknown",
): Promise<void> {
  await page.addInitScript((state) => {
    let record: object;
    Object.defineProperty(window, "__appBridge", {
      configurable: true,
      get: () => record,
      set: (made: object) => {
        const block = { handle: "pinrelay-tag", name: "Pinrelay", target: "head", status: state };
        const activations = [{ ...block, activations: [] }];
        const extension = { handle: "pinrelay-tag", type: "theme_app_extension", activations };
        Object.defineProperty(made, "extensions", {
          get: () => {
            if (state === "unknown") throw new Error("Shopify did not say");
            return [extension];
          },
        });
        record = made;
      },
    });
  }, status);
}

/**
 * Waits until React has taken over everything that can be used, and no answer of the app is under
 * way: a click before that is lost.
 */
export async function untilUsable(page: Page | Frame): Promise<void> {
  await page.waitForFunction(() => {
    const { __remixRouter: router } = window as unknown as { __remixRouter?: Router };
    const { fetchers, navigation, revalidation } = router?.state ?? {};
    const isAtRest =
      navigation?.state === "idle" &&
      revalidation === "idle" &&
      ![...(fetchers?.values() ?? [])].some(({ state }) => state !== "idle");
    const usable = document.querySelectorAll("main :is(a, button, input, select, textarea)");
    const isReacts = (element: Element) =>
      Object.keys(element).some((key) => key.startsWith("__reactFiber$"));
    // What folds away is in the page until it has moved; what turns for ever is not waited for.
    const isMoving = document.getAnimations().some(({ playState, effect }) => {
      return playState === "running" && effect?.getComputedTiming().endTime !== Infinity;
    });
    const isReady = document.readyState === "complete" && [...usable].every(isReacts);
    return isAtRest && isReady && !isMoving;
  });
}

/** What Remix's router says of itself, as far as it matters here. */
interface Router {
  state: {
    navigation: { state: string };
    revalidation: string;
    fetchers: Map<string, { state: string }>;
  };
}

/**
 * A picture of the page for whoever wants to look at it. None is taken unless asked for:
 * PICTURES=1 npx playwright test -c test/e2e/playwright.config.ts
 */
export async function takePicture(page: Page, name: string, fullPage = true): Promise<void> {
  if (process.env.PICTURES)
    await page.screenshot({ path: `test-results/screens/${name}.png`, fullPage });
}

/**
 * axe, which a page is given once: the builder by itself gives it 1.4 MB twice for each look, a quarter
 * of what the look costs.
 */
const ofBuilder = createRequire(import.meta.resolve("@axe-core/playwright"));
const AXE = readFileSync(ofBuilder.resolve("axe-core/axe.min.js"), "utf8");

/**
 * What holds for each page in each state: axe is content at both widths, nothing scrolls sideways. It
 * is opened on a phone, since the tests open it at 1280 px themselves, and not again for each width.
 */
export async function inspectPage(
  page: Page,
  world: LocalStack,
  path: string,
  name: string,
): Promise<void> {
  await page.setViewportSize({ width: 375, height: 900 });
  await openPage(page, world, path);
  await page.evaluate(AXE);
  for (const width of [375, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await untilUsable(page);
    await takePicture(page, `${name}-${width}`);
    expect(await findLayoutFaults(page), `at ${width} px`).toEqual([]);
    // The menu is drawn outside the frame by the real App Bridge.
    const axe = new AxeBuilder({ page, axeSource: "void 0" })
      .exclude("ui-nav-menu")
      .exclude("ui-save-bar");
    // The page has no frame of another origin, for which axe would open a second page each time.
    axe.setLegacyMode(true).options({ resultTypes: ["violations"] });
    const { violations, passes } = await axe.analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const contrast = passes.find(({ id }) => id === "color-contrast");
    expect(contrast?.nodes.length ?? 0, "texts whose contrast was measured").toBeGreaterThan(0);
  }
  for (const width of [768, 320]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await findLayoutFaults(page), `at ${width} px`).toEqual([]);
  }
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth, "nothing to scroll sideways to at 320 px").toBeLessThanOrEqual(clientWidth);
  await page.setViewportSize({ width: 1280, height: 900 });
}
