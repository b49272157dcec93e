import type { PageEvent, PageFacts } from "./browser/page-facts.ts";
import { Html, html, jsonScript } from "./html.ts";

/** What one page of the shop adds to what all have. */
export interface PageContent {
  title: string;
  main: Html;
  events: PageEvent[];
  /** Shopify's checkout shows nothing of the theme, and loads no app embed. */
  isCheckout?: boolean;
}

export interface LayoutFacts {
  shopName: string;
  domain: string;
  currency: string;
  itemCount: number;
  /** What the theme adds to the head of its pages: the merchant's own script, and the app embed. */
  themeHead: string;
  page: PageFacts;
  collections: { handle: string; title: string }[];
}

const REGIONS = [
  ["US", "United States"],
  ["US-CA", "United States, California"],
  ["DE", "Germany"],
  ["GB", "United Kingdom"],
  ["CA", "Canada"],
  ["JP", "Japan"],
] as const;

const CONSENT = html`<div id="consent" role="region" aria-label="Cookie consent" hidden><div>
<p class="all">We use cookies to run this shop, to learn how it is used, and for advertising. May we?</p>
<p class="sale">You may opt out of the sale and sharing of your personal information.</p>
<button type="button" data-answer="no" class="plain"><span class="all">Decline</span><span class="sale">Opt out</span></button>
<button type="button" data-answer="yes"><span class="all">Accept</span><span class="sale">Allow</span></button>
</div></div>`;

function header({ page: { root }, shopName, itemCount, collections }: LayoutFacts): Html {
  return html`<header>
<a class="name" href="${root}">${shopName}</a>
<nav aria-label="Shop">${collections.map(
    ({ handle, title }) => html`<a href="${root}collections/${handle}">${title}</a>`,
  )}<a href="${root}cart">Cart (<span data-cart-count>${itemCount}</span>)</a></nav>
<form action="${root}search" role="search"><input type="search" name="q" placeholder="Search" aria-label="Search"></form>
</header>`;
}

const CHOICES = html`<button type="button" id="privacy-choices" class="link">Privacy choices</button>`;

/** As Shopify's Liquid writes it: `{% form 'customer' %}`. */
const newsletter = (root: string) => html`<form method="post" action="${root}contact#contact_form">
<input type="hidden" name="form_type" value="customer"><input type="hidden" name="contact[tags]" value="newsletter">
<label>Newsletter <input type="email" name="contact[email]" required></label> <button>Sign up</button></form>`;

function footer({ page: { region, root }, shopName }: LayoutFacts): Html {
  const options = REGIONS.map(
    ([code, name]) =>
      html`<option value="${code}"${code === region ? new Html(" selected") : ""}>${name}</option>`,
  );
  return html`<footer><span class="quiet">${shopName}, a shop that does not exist</span>
${newsletter(root)}${CHOICES}
<form><label>Country <select name="country" data-submits>${options}</select></label></form></footer>`;
}

/** Shopify's object as it is before any of its scripts ran. */
function shopifyObject({ domain, currency, page: { root, region } }: LayoutFacts): Html {
  const shopify = {
    shop: domain,
    locale: "en",
    country: region.split("-")[0],
    currency: { active: currency, rate: "1.0" },
    routes: { root },
  };
  const text = JSON.stringify(shopify).replaceAll("<", "\\u003c");
  return new Html(
    `<script>window.Shopify = Object.assign(${text}, { waiting: [], loadFeatures(features, done) { if (done) this.waiting.push(done); } });</script>`,
  );
}

export function renderPage(facts: LayoutFacts, content: PageContent): string {
  const page = { ...facts.page, events: content.events };
  const isCheckout = content.isCheckout ?? false;
  const top = isCheckout
    ? html`<header><a class="name" href="${page.root}">${facts.shopName}</a></header>`
    : header(facts);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${content.title} · ${facts.shopName}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/storefront/assets/storefront.css">
${shopifyObject(facts)}${new Html(isCheckout ? "" : facts.themeHead)}</head>
<body>${top}
<main>${content.main}</main>
${isCheckout ? html`<footer>${CHOICES}</footer>` : footer(facts)}${CONSENT}
${jsonScript("page-facts", page)}
<script type="module" src="/storefront/assets/shop-page.ts"></script>
</body></html>`.text;
}
