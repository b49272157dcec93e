/**
 * Stands in for Shopify's App Bridge, which exists on Shopify's CDN only. It does in this frame what
 * the real one does with the admin around it: session tokens, toasts, save bars, navigation.
 * Nothing is added to the document, and no attribute set, before the app asks for it: React would
 * drop the nodes and warn of the attributes when it hydrates.
 */
(() => {
  const script = document.currentScript;
  const sandbox = new URL(script.src).origin;
  const query = new URLSearchParams(location.search);
  const remembered = (key) => {
    const value = query.get(key) ?? sessionStorage.getItem(`app-bridge.${key}`) ?? "";
    sessionStorage.setItem(`app-bridge.${key}`, value);
    return value;
  };
  const shop = remembered("shop");
  const host = remembered("host");
  const realFetch = window.fetch.bind(window);
  /** The app's requests in order, for tests; and the answer of `app.extensions()`, where a test gives one. */
  const record = { calls: [], extensions: null };
  window.__appBridge = record;
  const note = (name, ...args) => void record.calls.push({ name, args });

  async function idToken() {
    const response = await realFetch(`${sandbox}/session-token?shop=${encodeURIComponent(shop)}`);
    return (await response.json()).token;
  }

  async function listExtensions() {
    const asked = `${sandbox}/app-extensions?shop=${encodeURIComponent(shop)}`;
    return (await realFetch(asked)).json();
  }

  async function fetchWithToken(request) {
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${await idToken()}`);
    return realFetch(new Request(request, { headers }));
  }

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const isOwn = new URL(request.url).origin === location.origin;
    if (!isOwn || request.headers.has("Authorization")) return realFetch(request);
    const again = request.clone();
    const response = await fetchWithToken(request);
    const isStale = response.headers.has("X-Shopify-Retry-Invalid-Session-Request");
    return isStale ? fetchWithToken(again) : response;
  };

  class BridgeElement extends HTMLElement {
    constructor(style) {
      super();
      this.internals = this.attachInternals();
      // A style element would need the page's nonce.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      const shadow = this.attachShadow({ mode: "open" });
      shadow.adoptedStyleSheets = [sheet];
      shadow.append(document.createElement("slot"));
    }
    get showing() {
      return this.internals.states.has("showing");
    }
    async show() {
      if (this.showing) return;
      this.internals.states.add("showing");
      note(`${this.localName}.show`, this.id);
      this.dispatchEvent(new Event("show"));
    }
    async hide() {
      if (!this.showing) return;
      this.internals.states.delete("showing");
      note(`${this.localName}.hide`, this.id);
      this.dispatchEvent(new Event("hide"));
    }
    async toggle() {
      return this.showing ? this.hide() : this.show();
    }
  }
  const bar =
    "display:flex;flex-wrap:wrap;gap:12px;align-items:center;padding:8px 16px;font:14px sans-serif;";
  const styles = {
    "ui-nav-menu": `:host{${bar}background:#ebebeb} ::slotted([rel=home]){display:none}`,
    "ui-title-bar": `:host{${bar}}`,
    "ui-save-bar": `:host{display:none} :host(:state(showing)){${bar}position:fixed;inset:0 0 auto;z-index:600;background:#303030;justify-content:end}`,
    "ui-modal": `:host{display:none} :host(:state(showing)){display:block;position:fixed;inset:10%;z-index:700;background:#fff;padding:16px;overflow:auto}`,
  };
  for (const [name, style] of Object.entries(styles)) {
    customElements.define(
      name,
      class extends BridgeElement {
        constructor() {
          super(style);
        }
      },
    );
  }

  // The real menu is drawn outside the frame; a click there reaches the app as this event.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("ui-nav-menu a");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    link.dispatchEvent(new CustomEvent("shopify:navigate", { bubbles: true }));
  });

  function showToast(message, options = {}) {
    note("toast.show", message, options);
    const toast = document.createElement("div");
    toast.role = "status";
    toast.dataset.appBridge = "toast";
    toast.textContent = message;
    toast.style.cssText =
      "position:fixed;bottom:24px;left:50%;transform:translateX(-50%);z-index:800;padding:10px 16px;border-radius:8px;background:#1a1a1a;color:#fff;font:14px sans-serif";
    if (options.action) {
      const action = document.createElement("button");
      action.type = "button";
      action.textContent = options.action;
      action.style.cssText = "margin-left:12px;color:inherit;background:none;border:0;font:inherit";
      action.onclick = () => {
        toast.remove();
        options.onAction?.();
      };
      toast.append(action);
    }
    document.body.append(toast);
    setTimeout(() => {
      toast.remove();
      options.onDismiss?.();
    }, options.duration ?? 5000);
    return String(record.calls.length);
  }

  const savebars = () => [...document.querySelectorAll("ui-save-bar")];
  const onElement = (method) => async (id) => document.getElementById(id)?.[method]();

  async function leaveConfirmation() {
    const showing = savebars().filter((element) => element.showing);
    note("saveBar.leaveConfirmation", showing.length);
    if (showing.length === 0) return;
    // If the user stays, the promise never settles, as with the real dialog.
    if (!window.confirm("Leave page with unsaved changes?")) await new Promise(() => {});
    for (const element of showing) element.hide();
  }

  const visible = { show: onElement("show"), hide: onElement("hide"), toggle: onElement("toggle") };
  window.shopify = {
    config: {
      apiKey:
        script.dataset.apiKey ?? document.querySelector("meta[name=shopify-api-key]")?.content,
      shop,
      host,
      locale: query.get("locale") ?? "en",
    },
    origin: sandbox,
    ready: Promise.resolve(),
    environment: { embedded: window.top !== window, mobile: false, intent: false, pos: false },
    idToken,
    toast: { show: showToast, hide: () => document.querySelector("[data-app-bridge]")?.remove() },
    saveBar: { ...visible, leaveConfirmation },
    modal: visible,
    loading: (isLoading) => note("loading", isLoading),
    app: { extensions: async () => record.extensions ?? listExtensions() },
    scopes: { query: async () => ({ granted: [], required: [], optional: [] }) },
    user: async () => ({ id: 548380009, name: "Sandbox Owner", accountAccess: "full" }),
    webVitals: { onReport: () => {} },
  };

  // The library's bounce page asks for a fresh token and for a new start at this address.
  const reload = query.get("shopify-reload");
  if (reload) {
    void idToken().then((token) => {
      const target = new URL(reload, location.origin);
      target.searchParams.set("id_token", token);
      location.replace(target);
    });
  }
})();
