/** Texts of the duplicate check. Those with {blanks} are filled on the server. */
export const duplicatesTexts = {
  title: "Duplicate check",
  back: "Event quality",
  question:
    "Is Pinterest's own app or a tag sending the same sales, and under which IDs? Events with the same ID count once.",
  from: "From data of 14 days",
  fromPinterest: "From Pinterest",
  verdicts: {
    differs: { label: "Sales may count twice", tone: "warning" },
    seen: { label: "Another sender seen", tone: "attention" },
    likely: { label: "Another sender likely", tone: "attention" },
    notSeen: { label: "Not seen" },
    cantTell: { label: "Can't tell" },
  },
  verdictTexts: {
    differs: "A Pinterest tag in your store's pages sends events under other IDs than ours.",
    seen: "Keep both: where the IDs match, Pinterest counts each sale once.",
    likely: "Your store runs something from Pinterest that Pinrelay did not add.",
    notSeen: "None of the signs below was seen.",
    cantTell:
      "No other sender was seen, but not every place could be looked at; the signs below say why.",
  },
  sendersTitle: "Other tags in your store's pages",
  senders: {
    columns: { tag: "Tag", seen: "Last seen", ids: "Event IDs", advice: "What to do" },
    unknown: "Without a number",
    same: { ids: "Same as ours", advice: "Keep it: Pinterest counts each sale once." },
    other: {
      ids: "Different",
      advice:
        "Switch off its purchase and checkout events where they are set: in your theme, a tag manager, or another app. Its base code may stay, for audiences.",
    },
    none: {
      ids: "Not seen yet",
      advice: "Nothing yet: the tag was seen in the page, but none of its events.",
    },
  },
  signsTitle: "Signs",
  columns: { sign: "Sign", word: "Seen?", text: "What it says" },
  words: {
    seen: "Seen",
    likely: "Likely",
    notSeen: "Not seen",
    cantTell: "Can't tell",
    overlap: "{share} recognized as the same event",
  },
  signs: {
    source: {
      label: "Pinterest reports events from a tag as well as ours",
      seen: "Pinterest scores events that came from a tag ({platforms}).",
      notSeen: "Pinterest scores no events from a tag.",
    },
    overlap: {
      label: "Overlap of event IDs",
      seen: "Pinterest got this share of our purchases from two senders under one ID, and counted them once.",
      notSeen: "Pinterest got none of our purchases from another sender under the same ID.",
      cantTell: "Pinterest has not scored the overlap of purchases yet.",
    },
    tag: {
      label: "A tag fires that was not chosen for this store here",
      seen: "{name} (tag {id}) last fired {time}.",
      notSeen: "No other tag of the ad account fired in 14 days.",
      cantTell: "Pinterest's list of the ad account's tags is not here yet. Open Tags to load it.",
    },
    page: {
      label: "Pinterest's script in the store's pages",
      seen: "{n, plural, one {Tag {tags}} other {Tags {tags}}}, in the last 7 days.",
      notSeen: "The theme embed saw no tag in the last 7 days but the one that you chose here.",
    },
    cookie: {
      label: "Pinterest's cookie without our tag",
      likely:
        "Pages had the cookie, and no tag that sets it: a tag may load where the theme embed can't see it.",
      explained: "The tag in your store's pages sets it.",
      notSeen: "The theme embed saw no such cookie in the last 7 days.",
    },
    noScores: "Pinterest has not scored this ad account yet.",
    signedOut: "This takes a sign-in with Pinterest.",
    noPixel: "This takes the web pixel, which is off. Home says why.",
    noEmbed: "This takes the theme embed, which has not reported in the last 7 days.",
  },
  sharesTitle: "IDs of purchases",
  shares: {
    browser: "{share} of purchases carry the browser's ID ({n})",
    browserText:
      "Pinterest's app uses the same ID, so they should count once if it sends them too.",
    order: "{share} of purchases carry an order ID ({n})",
    orderText:
      "If another sender is on, these may count twice. They have no browser ID because the shopper did not consent to it, the thank-you page never loaded, or they were made at Point of Sale.",
    given:
      "{n, plural, one {# more purchase was sent} other {# more purchases were sent}} under an ID that was given with it.",
    view: "View these events",
    none: "Pinterest accepted no purchases in 14 days.",
    failed: "These could not be counted in time. Open the page again in a minute.",
    since: "Purchases that Pinterest accepted since {day}.",
    capped: "Purchases that Pinterest accepted, among the last {n} events, back to {day}.",
  },
  idsTitle: "Who uses which ID",
  ids: {
    columns: { sender: "Sender", id: "ID of a purchase" },
    rows: [
      {
        sender: "Pinrelay",
        id: "Shopify's ID of the browser's event, where it is known; else order-…-checkout, made of the order's number",
      },
      { sender: "Pinterest's app for Shopify", id: "Shopify's ID of the browser's event" },
      {
        sender: "A tag in your pages",
        id: "What the page sets; without one, Pinterest can't recognize the sale",
      },
    ],
    advice:
      "Keep both: Pinterest's app also keeps your catalog in sync, and its IDs match those that carry the browser's.",
  },
  unseenTitle: "What we can't see",
  unseen: [
    "Other apps that send to Pinterest from their servers",
    "Other apps' web pixels, which run apart from the page",
    "Pages without the theme embed, such as the checkout",
    "Uploads of files in Pinterest Ads Manager",
  ],
} as const;
