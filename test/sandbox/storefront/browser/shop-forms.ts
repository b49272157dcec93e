import type { CustomerPrivacyApi } from "./customer-privacy.ts";
import type { WebPixelsManager } from "./web-pixels-manager.ts";

/** The forms of the shop's pages: the banner, the product's and the last one of the checkout. */

/** What the server answers to a form that stays on its page. */
interface Answer {
  /** Published for what was done. */
  events: { name: string; data: Record<string, unknown> }[];
  /** The page that comes next; absent: none. */
  next?: string;
  /** Items in the cart. */
  count?: number;
}

export function bindForms(manager: WebPixelsManager, privacy: CustomerPrivacyApi): void {
  bindBanner(privacy);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-stays]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void submit(manager, form);
    });
  }
  for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-submits]")) {
    select.addEventListener("change", () => select.form?.submit());
  }
}

async function submit(manager: WebPixelsManager, form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  button?.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  const said = form.dataset.publishes;
  // What is published before the request goes has until the answer to leave the page.
  if (said !== undefined)
    for (const event of parseEvents(said)) manager.publish(event.name, event.data);
  const response = await fetch(form.action, { method: "POST", body });
  const answer = (await response.json()) as Answer;
  for (const { name, data } of answer.events) manager.publish(name, data);
  button?.removeAttribute("aria-busy");
  const count = document.querySelector("[data-cart-count]");
  if (answer.count !== undefined && count !== null) count.textContent = String(answer.count);
  const note = form.querySelector<HTMLElement>("[role=status]");
  if (note !== null) note.hidden = false;
  if (answer.next !== undefined) location.assign(answer.next);
}

function parseEvents(text: string): Answer["events"] {
  return JSON.parse(text);
}

function bindBanner(privacy: CustomerPrivacyApi): void {
  const banner = document.getElementById("consent");
  if (banner === null) return;
  const isSale = privacy.saleOfDataRegion();
  banner.dataset.asks = isSale ? "sale" : "all";
  banner.hidden = !privacy.shouldShowBanner();
  document.getElementById("privacy-choices")?.addEventListener("click", () => {
    banner.hidden = false;
  });
  for (const button of banner.querySelectorAll<HTMLButtonElement>("button[data-answer]")) {
    button.addEventListener("click", () => {
      const answer = button.dataset.answer === "yes";
      const all = { analytics: answer, marketing: answer, preferences: answer };
      privacy.setTrackingConsent(
        isSale ? { sale_of_data: answer } : { ...all, sale_of_data: answer },
      );
      banner.hidden = true;
    });
  }
}
