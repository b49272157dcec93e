{
  const facts = JSON.parse(document.getElementById("pinrelay-tag")?.textContent ?? "null");
  const shopify = window.Shopify;

  // The web pixel reads and writes the same.
  const STORED = "_pinrelay_epik";
  const KEPT_MS = 365 * 86_400_000;
  const REPORTED = "_pinrelay_report";

  // Until consent it is in memory only.
  const landed = valid(readAddress());
  let noted = facts?.noted || "";
  let hasTag = false;

  const privacy = () => shopify.customerPrivacy;
  const mayMarket = () => privacy()?.marketingAllowed() === true;
  const mayLoadTag = () => mayMarket() && privacy().saleOfDataAllowed() !== false;

  function readAddress() {
    const [, given] = /[?&;]_?epik=([^&#]*)/i.exec(location.search) ?? [];
    try {
      return given && decodeURIComponent(given);
    } catch {
      return given;
    }
  }

  function readCookie(name) {
    return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1];
  }

  function valid(text) {
    return /^[\x21-\x7e]{1,1000}$/.test(text ?? "") ? text : undefined;
  }

  // One that is seen again keeps its first date.
  function findClickId() {
    const seen = landed ?? valid(readCookie("_epik"));
    try {
      const { value, at } = JSON.parse(localStorage.getItem(STORED)) ?? { at: 0 };
      if (!seen || seen === value) return at > Date.now() - KEPT_MS ? valid(value) : undefined;
      localStorage.setItem(STORED, JSON.stringify({ value: seen, at: Date.now() }));
    } catch {}
    return seen;
  }

  // For checkouts without the web pixel: an order has the attributes of its cart.
  function noteInCart(clickId) {
    if (clickId === noted) return;
    noted = clickId;
    const request = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ attributes: { _epik: clickId } }),
      keepalive: true,
    };
    idle(() => fetch(`${shopify.routes?.root ?? "/"}cart/update.js`, request).catch(() => {}));
  }

  // For audiences only. Another tag's events would count for ours as well.
  function loadTag() {
    const other = window.pintrk || document.querySelector('script[src*="s.pinimg.com/ct/"]');
    if (other || !mayLoadTag() || !/^\d+$/.test(facts.tagId)) return;
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
    if (hasTag) window.pintrk("setconsent", mayLoadTag());
    if (mayMarket()) {
      noteInCart(findClickId() ?? noted);
      whenQuiet(loadTag);
    } else {
      noteInCart("");
      localStorage.removeItem(STORED);
      localStorage.removeItem(REPORTED);
    }
  }

  // What tags on the page asked Pinterest for, and what waits in their queue.
  function reportPage() {
    if (!mayMarket()) return;
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
    const report = JSON.stringify({
      embed: true,
      tags,
      shares_ids: eventIds.length > 0 ? eventIds.every((id) => /^sh-/.test(id)) : null,
      cookie: tags.length === 0 && !hasTag && readCookie("_pin_unauth") !== undefined,
    });
    const today = new Date().toDateString() + report;
    if (localStorage.getItem(REPORTED) === today) return;
    localStorage.setItem(REPORTED, today);
    shopify.analytics.publish("pinrelay:page_report", JSON.parse(report));
  }

  // The shop's page comes first, and sees no fault of ours.
  const quietly = (work) => () => {
    try {
      work();
    } catch {}
  };
  const idle = (work) => (window.requestIdleCallback ?? setTimeout)(quietly(work));
  function whenQuiet(work) {
    if (document.readyState === "complete") idle(work);
    else addEventListener("load", () => idle(work));
  }

  if (facts && shopify && !shopify.designMode) {
    const features = [{ name: "consent-tracking-api", version: "0.1" }];
    document.addEventListener("visitorConsentCollected", quietly(follow));
    if (privacy()) idle(follow);
    else shopify.loadFeatures?.(features, (fault) => fault || idle(follow));
    whenQuiet(() => setTimeout(() => idle(reportPage), 4_000));
  }
}
