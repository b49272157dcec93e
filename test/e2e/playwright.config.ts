import { defineConfig } from "@playwright/test";
import { nameChromium } from "#test/run/find-chromium.ts";

const BROWSER = {
  executablePath: nameChromium(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
};
// A page of these lives for seconds: to optimise its scripts costs more than it saves.
const UNOPTIMISED = { ...BROWSER, args: [...BROWSER.args, "--js-flags=--no-opt --no-maglev"] };

/**
 * The browser tests of what `npm run build` made.
 *
 * A tag names what a screen promises: the letter is the screen, the number the promise. H Home,
 * L the list of events, D one event, Q Event quality, X the duplicate check, T Tags, S Send events,
 * W Settings, C the Pinterest connection, A Activity, R Privacy, P Help, N numbers and times on any
 * page. `--grep @L` runs what is promised of the list, `--grep "@L4\b"` one promise.
 */
export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results",
  // Each file has an app, a database and servers of its own.
  workers: 2,
  timeout: 180_000,
  // The first page of an app that has just started takes seconds on a busy machine.
  expect: { timeout: 30_000 },
  forbidOnly: true,
  // What a page costs is a suite of its own, to be measured when nothing else runs.
  projects: [
    {
      name: "screens",
      testIgnore: "speed.spec.ts",
      use: { launchOptions: UNOPTIMISED },
    },
    { name: "speed", testMatch: "speed.spec.ts", outputDir: "../../test-results/speed" },
  ],
  use: {
    // Cookies, storage, permissions, routes and the clock are new for each test; the browser's own
    // copies of our scripts, compiled, are not: making them anew costs more than most tests do.
    reuseContext: true,
    // Shopify's library turns HeadlessChrome away as a bot.
    userAgent:
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    launchOptions: BROWSER,
    // Pictures and copies of the page all the time make it half as fast. To look into a failure:
    // npx playwright test -c test/e2e/playwright.config.ts --trace on
    trace: "off",
  },
});
