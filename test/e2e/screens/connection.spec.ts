import { expect, type FrameLocator, type Locator, type Page, test } from "@playwright/test";
import {
  inspectPage,
  openPage,
  openWorld,
  takePicture,
  untilUsable,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";

const PATH = "/settings/connection";
const US = "549769530006";
const EU = "549812340077";
const UK = "549812340099";
const TOKEN = "pina_QXVLTKWZJHRMBNFYDGCSPEQXHTWUVKLJRZx9Qf";

let world: World;
const complaints = watchComplaints();

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  world = await openWorld();
  const { directory } = world.pinterest;
  directory.addAccount({ id: US, name: "Acme US", permissions: ["ADMIN"] });
  directory.addAccount({ id: EU, name: "Acme EU", currency: "EUR", permissions: ["ANALYST"] });
  directory.addAccount({ id: UK, name: "Acme UK", currency: "GBP", permissions: ["FINANCE_VIEW"] });
});
test.afterAll(() => world?.close());
test.beforeEach(() => world.pinterest.heal());

async function disconnected(): Promise<void> {
  for (const table of ["connection", "pinterest_sign_in", "sign_in_attempt"]) {
    await world.db.pool.query(`delete from ${table} where shop_id = $1`, [world.shop.id]);
  }
}

async function stored<T>(columns: string): Promise<T | undefined> {
  const { rows } = await world.db.pool.query(
    `select ${columns} from connection where shop_id = $1`,
    [world.shop.id],
  );
  return rows[0];
}

/** The page in the frame of the local Shopify admin, as Pinterest needs it to leave the frame. */
async function openInAdmin(page: Page): Promise<FrameLocator> {
  await page.goto(`${world.shopify.url}/store/demo/apps/pinrelay${PATH}`);
  const frame = page.frameLocator("iframe[name=app-iframe]");
  await expect(frame.getByRole("heading", { level: 1 })).toBeVisible();
  const content = page.frame("app-iframe");
  if (content !== null) await untilUsable(content);
  return frame;
}

function badge(scope: Page | FrameLocator, label: string): Locator {
  return scope.locator(".Polaris-Badge").getByText(label, { exact: true });
}

/** From Continue to the list of accounts. */
async function signIn(page: Page): Promise<FrameLocator> {
  const frame = await openInAdmin(page);
  const replace = frame.getByRole("button", { name: "Replace token" });
  if (await replace.isVisible()) await replace.click();
  await frame.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("link", { name: "Give access" }).click();
  const back = page.frameLocator("iframe[name=app-iframe]");
  await expect(back.getByRole("radio", { name: "Acme US" })).toBeVisible();
  return back;
}

async function paste(page: Page, account: string, token: string): Promise<void> {
  await page.getByLabel("Ad account ID").fill(account);
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Connect", exact: true }).click();
}

test("a store without a connection is offered both ways, and nothing else", async ({ page }) => {
  await inspectPage(page, world, PATH, "connection-none");
  await openPage(page, world, PATH);
  await expect(badge(page, "Not connected")).toBeVisible();
  await expect(page.getByText("We ask for: read ads, write ads, your profile name.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Disconnect" })).toHaveCount(0);
  await expect(page.getByLabel("Token", { exact: true })).toHaveAttribute("type", "password");
  await page.getByRole("button", { name: "Show token" }).click();
  await expect(page.getByLabel("Token", { exact: true })).toHaveAttribute("type", "text");
});

test("the old address leads here", async ({ page }) => {
  await page.goto(world.shopify.frameUrl(world.shop.domain, "/connection"));
  await expect(page.getByRole("heading", { level: 1, name: "Pinterest connection" })).toBeVisible();
});

test("a wrong prefix is named under the field, and Pinterest is asked nothing", {
  tag: "@C2",
}, async ({ page }) => {
  await openPage(page, world, PATH);
  const before = world.pinterest.ledger.requests.length;
  await paste(page, "54 97x", "pinr.something");
  await expect(page.getByText("A token starts with pina_ and has no spaces.")).toBeVisible();
  await expect(page.getByText("Enter 1 to 18 digits, without spaces or letters.")).toBeVisible();
  await expect(page.getByLabel("Token", { exact: true })).toHaveValue("pinr.something");
  await expect(page.getByLabel("Ad account ID")).toHaveValue("54 97x");
  expect(world.pinterest.ledger.requests).toHaveLength(before);
});

test("403 to the test marks the ID's field, 401 the token's, and never the page", {
  tag: "@C3",
}, async ({ page }) => {
  await openPage(page, world, PATH);
  await paste(page, "549700000001", TOKEN);
  const id = page.getByLabel("Ad account ID");
  await expect(page.getByText("This token can't send to 549700000001")).toBeVisible();
  await expect(id).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Token", { exact: true })).not.toHaveAttribute(
    "aria-invalid",
    "true",
  );
  world.pinterest.fail({ kind: "status", status: 401 });
  await paste(page, US, TOKEN);
  await expect(page.getByText("Pinterest does not accept this token.")).toBeVisible();
  await expect(id).not.toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("main .Polaris-Banner", { hasText: "token" })).toHaveCount(0);
  expect(await stored("state")).toBeUndefined();
});

test("neither the page nor what it loads holds more than the end of a token", {
  tag: "@C1",
}, async ({ page }) => {
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    const isOwn = response.url().startsWith(world.app.url);
    const isText = /html|json|x-script/.test(response.headers()["content-type"] ?? "");
    if (isOwn && isText) bodies.push(response.text().catch(() => ""));
  });
  await openPage(page, world, PATH);
  await paste(page, US, TOKEN);
  await expect(badge(page, "Connected")).toBeVisible();
  await openPage(page, world, PATH);
  await expect(page.getByText(`Pasted token (…${TOKEN.slice(-4)})`)).toBeVisible();
  await signIn(page);
  const texts = [...(await Promise.all(bodies)), await page.content()].join("\n");
  const { rows } = await world.db.pool.query("select 1 from pinterest_sign_in");
  expect(rows).toHaveLength(1);
  expect(texts.length).toBeGreaterThan(1_000);
  for (let at = 0; at + 5 <= TOKEN.length; at += 1) {
    if (at < 5) continue;
    expect(texts).not.toContain(TOKEN.slice(at, at + 5));
  }
  expect(texts).not.toMatch(/pin[ar][_.][A-Za-z0-9]/);
  await disconnected();
});

test("a merchant who says no at Pinterest is told so, and nothing has changed", async ({
  page,
}) => {
  const frame = await openInAdmin(page);
  await frame.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(
    page
      .frameLocator("iframe[name=app-iframe]")
      .getByText("Access was not given. Nothing changed."),
  ).toBeVisible();
  expect(await stored("state")).toBeUndefined();
});

test("an account with only Finance viewer can't be chosen, and says why", { tag: "@C4" }, async ({
  page,
}) => {
  const frame = await signIn(page);
  const finance = frame.getByRole("radio", { name: "Acme UK" });
  await expect(finance).toBeDisabled();
  await expect(frame.getByText(`${UK} · GBP · Finance viewer`)).toBeVisible();
  await expect(
    frame.getByText(
      "Ask an admin of this business to give you Owner, Admin, Analyst, Audience or Campaign access.",
    ),
  ).toBeVisible();
  await expect(frame.getByRole("button", { name: "Use this account" })).toHaveCount(0);
  expect(await stored("state")).toBeUndefined();
  await inspectPage(page, world, PATH, "connection-choose");
});

test("the chosen account is saved, and the page says with what and for how long", async ({
  page,
}) => {
  const frame = await openInAdmin(page);
  await frame.getByText("Acme EU", { exact: true }).click();
  await frame.getByRole("button", { name: "Use this account" }).dblclick();
  await expect(badge(frame, "Connected")).toBeVisible();
  await expect(frame.getByText(/Conversion token, made .+ \(….{4}\)/)).toBeVisible();
  await expect(frame.getByText(/Sign-in lasts until .+, renews itself/)).toBeVisible();
  await expect(frame.getByText("This ad account uses EUR and your store USD.")).toBeVisible();
  expect(await stored("ad_account_id, kind")).toEqual({ ad_account_id: EU, kind: "sign_in" });
  await inspectPage(page, world, PATH, "connection-signed-in");
});

test("a test shows three rows, and what fails in the catalogue's words", async ({ page }) => {
  await openPage(page, world, PATH);
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Passed", { exact: true })).toHaveCount(3);
  await expect(page.getByText("Everything works.")).toBeVisible();
  world.pinterest.fail({ kind: "status", status: 403 });
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/This Pinterest user can't send events/)).toBeVisible();
  await expect(page.getByText("Pinterest accepts the token")).toBeVisible();
  world.pinterest.heal();
  world.pinterest.fail({ kind: "status", status: 429, retryAfter: 2, times: 1 });
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("We try again in 2 s.")).toBeVisible();
  await expect(page.getByText("Everything works.")).toBeVisible();
  await takePicture(page, "connection-tested");
});

test("changing the account asks first what becomes of the events that wait for the old one", async ({
  page,
}) => {
  await world.db.pool.query(
    "update connection set state = 'paused', pause_reason = 'merchant' where shop_id = $1",
    [world.shop.id],
  );
  await world.deliverOrder(6_204_411_570_001);
  await expect
    .poll(async () => {
      const { rows } = await world.db.pool.query(
        "select count(*)::int as n from event where ad_account_id = $1 and state in ('held', 'pending')",
        [EU],
      );
      return rows[0].n;
    })
    .toBe(1);
  await openPage(page, world, PATH);
  await page.getByText("Acme US", { exact: true }).click();
  await page.getByRole("button", { name: "Use this account" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("New events go to Acme US.")).toBeVisible();
  await expect(dialog.getByText("1 purchase waits for Acme EU.")).toBeVisible();
  await expect(dialog.getByLabel("Send them to Acme US")).toBeChecked();
  await dialog.getByText("Leave them", { exact: true }).click();
  await expect(dialog.getByLabel("Leave them")).toBeChecked();
  await takePicture(page, "connection-change", false);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  expect(await stored("ad_account_id")).toEqual({ ad_account_id: EU });
  await page.getByRole("button", { name: "Use this account" }).click();
  await dialog.getByRole("button", { name: "Change account" }).click();
  await expect(dialog).toHaveCount(0);
  await expect
    .poll(() => stored("ad_account_id, leaves_earlier"))
    .toEqual({ ad_account_id: US, leaves_earlier: true });
  await inspectPage(page, world, PATH, "connection-paused");
});

test("disconnecting keeps events, and reconnecting sends them", { tag: "@C6" }, async ({
  page,
}) => {
  await world.deliverOrder(6_204_411_570_002);
  await openPage(page, world, PATH);
  await page.getByRole("button", { name: "Disconnect" }).click();
  const dialog = page.getByRole("dialog");
  await expect(
    dialog.getByText(/2 events are waiting\. They and new orders are kept/),
  ).toBeVisible();
  await expect(
    dialog.getByText("Pinterest has no way for Pinrelay to end the permission"),
  ).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await takePicture(page, "connection-disconnect", false);
  await dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(badge(page, "Not connected")).toBeVisible();
  expect(await stored("state")).toBeUndefined();
  await expect(page.getByText(/2 events are kept and will be sent when you connect/)).toBeVisible();
  await world.deliverOrder(6_204_411_570_003);
  const accepted = world.pinterest.ledger.acceptedCount;
  await paste(page, US, TOKEN);
  await expect(badge(page, "Connected")).toBeVisible();
  await expect
    .poll(() => world.pinterest.ledger.acceptedCount - accepted, { timeout: 90_000 })
    .toBe(3);
});

test("a connection that Pinterest refuses says so, and offers to sign in again", async ({
  page,
}) => {
  await world.db.pool.query(
    "update connection set state = 'paused', pause_reason = 'unauthorized' where shop_id = $1",
    [world.shop.id],
  );
  await inspectPage(page, world, PATH, "connection-refused");
  await openPage(page, world, PATH);
  await expect(badge(page, "Needs reconnect")).toBeVisible();
  await expect(page.getByRole("button", { name: "Continue" })).toBeVisible();
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Everything works, and sending continues.")).toBeVisible();
  await expect(badge(page, "Connected")).toBeVisible();
});

test("a replayed or foreign state leads to an error page, and writes nothing", {
  tag: "@C5",
}, async ({ page }) => {
  await disconnected();
  const frame = await openInAdmin(page);
  await frame.getByRole("button", { name: "Continue" }).click();
  const allow = page.getByRole("link", { name: "Give access" });
  const back = (await allow.getAttribute("href")) ?? "";
  await allow.click();
  await expect(
    page.frameLocator("iframe[name=app-iframe]").getByRole("radio", { name: "Acme US" }),
  ).toBeVisible();
  await disconnected();
  const foreign = new URL(back);
  foreign.searchParams.set("state", "eyJzaG9wIjoiZGVtbyJ9");
  for (const address of [back, foreign.href, `${world.app.url}/pinterest/callback`]) {
    const response = await page.goto(address);
    expect(response?.status()).toBe(400);
    await expect(
      page.getByRole("heading", { level: 1, name: "This sign-in can't be finished" }),
    ).toBeVisible();
  }
  const { rows } = await world.db.pool.query(
    "select (select count(*)::int from pinterest_sign_in) + (select count(*)::int from connection) as n",
  );
  expect(rows).toEqual([{ n: 0 }]);
  await takePicture(page, "connection-callback", false);
  for (const note of complaints.filter((text) => text.includes("400"))) {
    complaints.splice(complaints.indexOf(note), 1);
  }
});
