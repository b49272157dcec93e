import { createPerson, type Person, placeOf } from "../sample-people.ts";
import { createRandom } from "../sample-random.ts";
import type { PageEvent } from "./browser/page-facts.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Html, html } from "./html.ts";
import type { PageContent } from "./layout.ts";
import { checkoutData } from "./pixel-data.ts";
import type { Checkout } from "./shop-floor.ts";

/** The pages of Shopify's checkout: who buys, how they pay, and thanks. */

const VIEWED: PageEvent = { name: "page_viewed", data: {} };

function summary(checkout: Checkout, catalogue: Catalogue): Html {
  const { subtotal, tax, shipping } = checkout.totals();
  const format = catalogue.formatMinor;
  const rows = checkout.lines.map(
    (line) => html`<tr><td>${line.title}, ${line.variantTitle} × ${line.quantity}</td>
<td>${format(line.unitMinor * line.quantity)}</td></tr>`,
  );
  return html`<section aria-label="Order summary"><table>${rows}
<tr><td class="quiet">Shipping</td><td>${format(shipping)}</td></tr>
<tr><td class="quiet">Tax</td><td>${format(tax)}</td></tr>
<tr><th>Total</th><th>${format(subtotal + shipping + tax)}</th></tr></table></section>`;
}

/** Somebody who does not exist, so that buying takes one press of a button. */
function suggestPerson({ token, countryCode }: Checkout): Person {
  return createPerson(createRandom(Number.parseInt(token.slice(0, 7), 16)), placeOf(countryCode));
}

function field(label: string, name: string, value: string): Html {
  return html`<label>${label} <input name="${name}" value="${value}" autocomplete="off"></label>`;
}

export function informationPage(
  action: string,
  checkout: Checkout,
  catalogue: Catalogue,
): PageContent {
  const { email, firstName, lastName, street, phone, place } =
    checkout.person ?? suggestPerson(checkout);
  return {
    title: "Checkout",
    isCheckout: true,
    events: [VIEWED, { name: "checkout_started", data: checkoutData(checkout, catalogue, null) }],
    main: html`<div class="checkout"><div><h1>Checkout</h1>
<form class="stack" method="post" action="${action}information">
<h2>Contact</h2>${field("E-mail", "email", email)}
<h2>Delivery to ${place.country}</h2>
<div class="pair">${field("First name", "first_name", firstName)}${field("Last name", "last_name", lastName)}</div>
${field("Address", "address1", street)}
<div class="pair">${field("Postcode", "zip", place.zip)}${field("City", "city", place.city)}</div>
${field("Phone", "phone", phone)}
<button>Continue to payment</button></form></div>${summary(checkout, catalogue)}</div>`,
  };
}

export function paymentPage(action: string, checkout: Checkout, catalogue: Catalogue): PageContent {
  const data = checkoutData(checkout, catalogue, null);
  const told = ["contact", "address", "shipping"].map((what) => ({
    name: `checkout_${what}_info_submitted`,
    data,
  }));
  const publishes = JSON.stringify([{ name: "payment_info_submitted", data }]);
  return {
    title: "Payment",
    isCheckout: true,
    events: [VIEWED, ...told],
    main: html`<div class="checkout"><div><h1>Payment</h1>
<form class="stack" method="post" action="${action}pay" data-stays data-publishes="${publishes}">
${field("Card number", "card", "1")}
<p class="quiet">No card is asked: this shop's bank is as invented as its goods.</p>
<button>Pay now</button></form></div>${summary(checkout, catalogue)}</div>`,
  };
}

export function thankYouPage(
  root: string,
  checkout: Checkout,
  catalogue: Catalogue,
  orderId: string,
): PageContent {
  const data = checkoutData(checkout, catalogue, orderId);
  const once = `checkout_completed ${checkout.token}`;
  return {
    title: "Thank you",
    isCheckout: true,
    events: [VIEWED, { name: "checkout_completed", data, once }],
    main: html`<div class="checkout"><div><h1>Thank you${checkout.person === null ? "" : `, ${checkout.person.firstName}`}</h1>
<p>Your order is confirmed. Nothing will be sent, and nobody will be charged.</p>
<p><a href="${root}">Go on shopping</a></p></div>${summary(checkout, catalogue)}</div>`,
  };
}
