import type { PageEvent } from "./browser/page-facts.ts";
import type { Catalogue, Product } from "./catalogue.ts";
import { type Html, html } from "./html.ts";
import type { PageContent } from "./layout.ts";
import { cartData, collectionData, searchData, variantData } from "./pixel-data.ts";
import type { Cart } from "./shop-floor.ts";

/** The pages of the theme. */

const VIEWED: PageEvent = { name: "page_viewed", data: {} };

/** A picture that needs no file: a colour for each product, and its first letter. */
function picture({ id, title }: Product): Html {
  const hue = (Number(id.slice(-2)) * 47) % 360;
  return html`<svg class="picture" viewBox="0 0 80 100" role="img" aria-label="${title}">
<rect width="80" height="100" fill="hsl(${hue} 32% 86%)"/><circle cx="40" cy="46" r="21" fill="hsl(${hue} 38% 62%)"/>
<rect x="14" y="72" width="52" height="2" fill="hsl(${hue} 30% 45%)"/></svg>`;
}

function grid(root: string, products: Product[]): Html {
  const items = products.map(
    (product) => html`<li><a href="${root}products/${product.handle}">${picture(product)}
<span>${product.title}</span><br><span class="quiet">${product.price}</span></a></li>`,
  );
  return html`<ul class="grid">${items}</ul>`;
}

export function homePage(root: string, catalogue: Catalogue): PageContent {
  return {
    title: "Home",
    events: [VIEWED],
    main: html`<h1>Things for a quiet house</h1>${grid(root, catalogue.products)}`,
  };
}

export function collectionPage(
  root: string,
  handle: string,
  catalogue: Catalogue,
): PageContent | null {
  const collection = catalogue.collections.find((one) => one.handle === handle);
  if (collection === undefined) return null;
  const data = collectionData(collection, catalogue.currency);
  return {
    title: collection.title,
    events: [VIEWED, { name: "collection_viewed", data }],
    main: html`<h1>${collection.title}</h1>${grid(root, collection.products)}`,
  };
}

export function productPage(
  root: string,
  handle: string,
  catalogue: Catalogue,
): PageContent | null {
  const product = catalogue.products.find((one) => one.handle === handle);
  const first = product?.variants[0];
  if (product === undefined || first === undefined) return null;
  const options = product.variants.map(
    ({ id, title }) => html`<option value="${id}">${title}</option>`,
  );
  const productVariant = variantData(first, catalogue.currency);
  return {
    title: product.title,
    events: [VIEWED, { name: "product_viewed", data: { productVariant } }],
    main: html`<div class="product"><div>${picture(product)}</div><div>
<h1>${product.title}</h1><p>${product.price} <span class="quiet">· ${product.vendor}</span></p>
<form class="stack" method="post" action="${root}cart/add" data-stays>
<label>Colour <select name="id">${options}</select></label>
<label>Quantity <input name="quantity" type="number" min="1" max="20" value="1"></label>
<button>Add to cart</button><p role="status" hidden>Added. <a href="${root}cart">View cart</a></p></form>
</div></div>`,
  };
}

export function searchPage(root: string, query: string, catalogue: Catalogue): PageContent {
  const found = query.trim() === "" ? [] : catalogue.search(query);
  const data = searchData(query, found, catalogue.currency);
  return {
    title: "Search",
    events: [VIEWED, ...(query.trim() === "" ? [] : [{ name: "search_submitted", data }])],
    main: html`<h1>${found.length} ${found.length === 1 ? "result" : "results"} for “${query}”</h1>${grid(root, found)}`,
  };
}

export function cartPage(root: string, cart: Cart | null, catalogue: Catalogue): PageContent {
  const lines = [...(cart?.lines ?? [])].flatMap(([id, quantity]) => {
    const variant = catalogue.variant(id);
    return variant === undefined ? [] : [{ variant, quantity }];
  });
  const rows = lines.map(
    ({ variant: { title, product }, quantity }) => html`<tr><td>${product.title}, ${title}</td>
<td>${quantity} × ${product.price}</td><td>${catalogue.formatMinor(product.minor * quantity)}</td></tr>`,
  );
  const data = { cart: cart === null ? null : cartData(cart, catalogue) };
  return {
    title: "Cart",
    events: [VIEWED, { name: "cart_viewed", data }],
    main:
      rows.length === 0
        ? html`<h1>Your cart is empty</h1><p><a href="${root}">Go on shopping</a></p>`
        : html`<h1>Cart</h1><table>${rows}</table>
<form method="post" action="${root}checkout" style="margin-top:1.5rem;max-width:20rem"><button>Check out</button></form>`,
  };
}
