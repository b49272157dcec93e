//# allFunctionsCalledOnLoad
{
  const shopify = window.Shopify;

  // The pixel reads the first two.
  const STORED = "_pinrelay_epik";
  const REGION = "_pinrelay_region";
  const REPORTED = "_pinrelay_report";
  const KEPT_MS = 31_536e6;

  let facts;
  // What the cart says.
  let noted;
  // In memory until consent.
  let landed;
  let mayMarket = false;
  let hasTag = false;

  const privacy = () => shopify.customerPrivacy;
  const mayLoadTag = () => mayMarket && privacy().saleOfDataAllowed() !== false;
  // Without an answer it may be forbidden too.
  const isRefused = () =>
    !mayMarket && /^(no|false)$/.test(privacy().currentVisitorConsent?.().marketing);

  function readAddress() {
    const [, given] = /[?&;]_?epik=([^&#]*)/i.exec(location.search) ?? [];
    try {
      return given && decodeURIComponent(given);
    } catch {
      return given;
    }
  }

  // The page waits for them: once.
  let cookies;
  function readCookie(name) {
    cookies ??= document.cookie;
    return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(cookies)?.[1];
  }

  // Not what scripts write for none.
  const valid = (text) =>
    /^(?!(undefined|null)$|[{%])[!-~]{1,1000}$/i.test(text) ? text : undefined;

  // Its first date stays, unless to come.
  function findClickId() {
    const now = Date.now();
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(STORED));
    } catch {}
    const value = landed ?? valid(readCookie("_epik")) ?? valid(kept?.value);
    if (!value || (value === kept?.value && kept.at <= now))
      return kept?.at > now - KEPT_MS ? value : undefined;
    try {
      localStorage.setItem(STORED, JSON.stringify({ value, at: now }));
    } catch {}
    return value;
  }

  // For checkouts without the web pixel: orders have their cart's attributes.
  function noteInCart(wanted) {
    const changed = Object.entries(wanted).filter(([name, value]) => value !== noted[name]);
    if (changed.length === 0) return;
    noted = wanted;
    const form = new URLSearchParams(
      changed.map(([name, value]) => [`attributes[${name}]`, value]),
    );
    idle(() => navigator.sendBeacon(`${shopify.routes?.root ?? "/"}cart/update.js`, form));
  }

  // For audiences only: another tag's events would count for ours.
  function loadTag() {
    if (!mayLoadTag()) return;
    if (window.pintrk || document.querySelector('script[src*="s.pinimg.com/ct/"]')) return;
    hasTag = true;
    const queue = [];
    window.pintrk = Object.assign((...call) => queue.push(call), { queue, version: "3.0" });
    const script = document.createElement("script");
    script.async = true;
    script.src = "https://s.pinimg.com/ct/core.js";
    document.head.append(script);
    window.pintrk("setconsent", true);
    window.pintrk("load", facts.tagId, facts.email ? { em: facts.email } : {});
  }

  function follow() {
    cookies = null;
    mayMarket = privacy().marketingAllowed() === true;
    if (hasTag) window.pintrk("setconsent", mayLoadTag());
    if (mayMarket) {
      noteInCart({ _epik: findClickId() ?? noted._epik, _pinrelay_consent: "" });
      if (!hasTag && /^\d+$/.test(facts.tagId)) whenQuiet(loadTag);
      const region = privacy().getRegion?.();
      if (region && region !== localStorage.getItem(REGION)) localStorage.setItem(REGION, region);
    } else {
      noteInCart({ _epik: "", _pinrelay_consent: isRefused() ? "refused" : "" });
      for (const name of [STORED, REGION, REPORTED]) localStorage.removeItem(name);
    }
  }

  // What tags asked Pinterest for, and what waits in their queue.
  function reportPage() {
    if (!mayMarket) return;
    cookies = null;
    const asked = performance
      .getEntriesByType("resource")
      .filter(({ name }) => name.startsWith("https://ct.pinterest.com/"))
      .map(({ name }) => new URL(name).searchParams);
    const queue = [...(window.pintrk?.queue ?? [])];
    const ids = [
      ...asked.map((given) => given.get("tid")),
      ...queue.map(([call, id]) => call === "load" && String(id)),
    ].filter((id) => /^\d+$/.test(id) && !(hasTag && id === facts.tagId));
    const eventIds = [
      ...asked.map((given) => /"event_id":"([^"]*)"/.exec(given.get("ed"))?.[1]),
      ...queue.map(([, , data]) => data?.event_id),
    ].filter(Boolean);
    const tags = [...new Set(ids)].slice(0, 10);
    const report = {
      embed: true,
      tags,
      shares_ids: eventIds.length > 0 ? eventIds.every((id) => /^sh-/.test(id)) : null,
      cookie: tags.length === 0 && !hasTag && readCookie("_pin_unauth") !== undefined,
    };
    const today = Math.floor(Date.now() / 86_400_000) + JSON.stringify(report);
    if (localStorage.getItem(REPORTED) === today) return;
    localStorage.setItem(REPORTED, today);
    shopify.analytics.publish("pinrelay:page_report", report);
  }

  // Shopify tells of new customers, not of their browsers. A refusal is told by the digest alone.
  async function tellSignUp({ target: { elements } }) {
    const form = elements.form_type?.value;
    const email = (elements["customer[email]"] ?? elements["contact[email]"])?.value;
    if (!facts?.pixel || !email || (form !== "create_customer" && form !== "customer")) return;
    mayMarket = privacy().marketingAllowed() === true;
    if (!mayMarket && !isRefused()) return;
    const bytes = new TextEncoder().encode(email.trim().toLowerCase());
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const email_digest = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const [endpoint, pixel_key] = facts.pixel.split("#");
    const body = {
      shop: shopify.shop,
      pixel_key,
      consent: { marketingAllowed: mayMarket, saleOfDataAllowed: privacy().saleOfDataAllowed() },
      event: {
        id: crypto.randomUUID(),
        name: "pinrelay:signup_form",
        timestamp: new Date(),
        customData: { email_digest },
      },
    };
    if (mayMarket) {
      body.click_id = findClickId();
      body.region = privacy().getRegion?.();
      body.event.clientId = readCookie("_shopify_y");
      body.event.context = {
        document: { location: { href: location.href } },
        navigator: { language: navigator.language },
      };
    }
    const request = { method: "POST", keepalive: true, credentials: "omit" };
    await fetch(endpoint, { ...request, body: JSON.stringify(body) });
  }

  // The shop's page sees no fault of ours.
  const quietly = (work) => async (given) => {
    try {
      await work(given);
    } catch {}
  };
  const idle = (work) => (window.requestIdleCallback ?? setTimeout)(quietly(work));
  function whenQuiet(work) {
    if (document.readyState === "complete") idle(work);
    else addEventListener("load", () => idle(work));
  }

  function start() {
    if (facts) return;
    facts = window.pinrelayTag;
    if (!facts) return;
    noted = { _epik: facts.noted || "", _pinrelay_consent: facts.refusal || "" };
    landed = valid(readAddress());
    const features = [{ name: "consent-tracking-api", version: "0.1" }];
    if (privacy()) follow();
    else shopify.loadFeatures?.(features, (fault) => fault || quietly(follow)());
    whenQuiet(() => setTimeout(() => idle(reportPage), 4_000));
  }

  if (shopify && !shopify.designMode) {
    const changed = quietly(() => (facts ? follow() : start()));
    document.addEventListener("visitorConsentCollected", changed);
    document.addEventListener("submit", quietly(tellSignUp), true);
    idle(start);
  }
}
