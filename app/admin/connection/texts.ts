import { SENDING_ROLES } from "#app/events/notices/sending-notices.ts";
/** Texts of the page on the connection with Pinterest. */
export const connectionTexts = {
  title: "Pinterest connection",
  settings: "Settings",
  badges: {
    none: "Not connected",
    choose: "Choose an ad account",
    connected: "Connected",
    refused: "Needs reconnect",
    role: "Needs access",
    paused: "Paused",
  },
  intro: {
    none: "Connect Pinterest to start sending. Orders are already being kept.",
    kept: "{n, plural, one {# event is kept and will} other {# events are kept and will}} be sent when you connect. The oldest expires on {date}.",
  },
  signIn: {
    title: "Sign in with Pinterest",
    recommended: "Recommended",
    what: "Sends events, shows tags and event quality.",
    asked: "We ask for: read ads, write ads, your profile name.",
    action: "Continue",
    isOff:
      "Sign-in is not set up on this installation of Pinrelay: its operator must register an app at Pinterest. Paste a token instead.",
  },
  paste: {
    title: "Paste a token instead",
    titleAlone: "Paste a token",
    what: "Sends events only: tags and event quality stay unavailable.",
    where: "Find both in Pinterest Ads Manager under Conversions, Conversions API.",
    account: "Ad account ID",
    token: "Token",
    show: "Show token",
    hide: "Hide token",
    showShort: "Show",
    hideShort: "Hide",
    action: "Connect",
  },
  faults: {
    account: {
      missing: "Enter the ad account ID.",
      not_digits: "Enter 1 to 18 digits, without spaces or letters.",
      wrong_account:
        "This token can't send to {account}: the ID has a typing error, or the token's user has no role on it. Copy ID and token from the same place (Ads Manager, Conversions), or sign in instead.",
    },
    token: {
      missing: "Enter the token.",
      wrong_prefix: "A token starts with pina_ and has no spaces. Copy it whole.",
      refused:
        "Pinterest does not accept this token. It was not copied whole, ran out, or was withdrawn. Make a new one in Ads Manager, Conversions.",
    },
  },
  account: {
    title: "Ad account",
    chooseTitle: "Choose the ad account to send to",
    signedInAs: "Signed in as {name}.",
    notSaved: "Nothing is sent with this sign-in until you choose.",
    loading: "Asking Pinterest for your ad accounts",
    use: "Use this account",
    current: "Events are sent here",
    cannotSend: `Can't send events. Ask an admin of this business to give you ${SENDING_ROLES} access.`,
    none: "This Pinterest user has no ad accounts. Make one in Pinterest Ads Manager, or sign in as another user.",
    incomplete: "Only the first 5,000 ad accounts are listed.",
    subject: "your ad accounts",
    currency:
      "This ad account uses {account} and your store {store}. Each event names its own currency, so this is not an error.",
    id: "Ad account ID",
    notListed: "Events go to {account}, which is not in this user's list.",
    notAllowed: {
      title: "The account was not changed",
      cause: "This user can't send events to that ad account.",
      nextStep: "Choose another one.",
    },
    stale: {
      title: "The account was not changed",
      cause: "Someone signed in again.",
      nextStep: "Choose from the new list.",
    },
  },
  /** Pinterest's roles, as its Business Manager names them. */
  roles: {
    OWNER: "Owner",
    ADMIN: "Admin",
    ANALYST: "Analyst",
    AUDIENCE_MANAGER: "Audience",
    CAMPAIGN_MANAGER: "Campaign",
    CATALOGS_MANAGER: "Catalogs",
    FINANCE_MANAGER: "Finance manager",
    FINANCE_VIEW: "Finance viewer",
    FINANCE_EDIT: "Finance editor",
    RESTRICTED_OWNER: "Restricted owner",
    SOS_READER: "Reader",
  },
  roleUnknown: "Role not known",
  roleNone: "No role",
  facts: {
    sendingWith: "Sending with",
    conversion: "Conversion token, made {date}",
    signIn: "Sign-in token",
    pasted: "Pasted token",
    ending: "(…{end})",
    limit:
      "Pinterest gave no conversion token, so a limit of requests applies: 1,000 a day while Pinrelay has trial access at Pinterest, then 120,000 a minute. One request carries up to 1,000 events.",
    lasts: "How long it lasts",
    renews: "Sign-in lasts until {date}, renews itself",
    ends: "Sign-in lasts until {date}, and can't renew itself. Sign in again before then.",
    failing:
      "Sign-in ends on {date}. It could not be renewed since {since}. Sign in again; it takes a minute.",
    pastedLasts:
      "Pinterest does not say how long it lasts. We tell you within a minute if it stops.",
    lastTest: "Last test",
    never: "Not tested yet",
    passed: "passed",
    failed: "failed",
  },
  actions: {
    test: "Test connection",
    replace: "Replace token",
    other: "Connect another way",
    keep: "Hide other ways",
    disconnect: "Disconnect",
  },
  test: {
    title: "Test connection",
    running: "Testing",
    rows: {
      token: "Pinterest accepts the token",
      account: "The ad account allows events",
      event: "A test event was processed",
    },
    marks: { passed: "Passed", failed: "Failed", open: "Not checked", running: "Checking" },
    passed: "Everything works. Pinterest checked one event and recorded nothing.",
    resumed: "Everything works, and sending continues.",
    wait: "One moment: Pinterest allows 10 test requests a second for all users of this app. We try again in {s} s.",
    notConnected: {
      title: "Test connection",
      cause: "There is no connection to test any more.",
      nextStep: "",
    },
  },
  change: {
    title: "Change the ad account",
    text: "New events go to {next}.",
    action: "Change account",
  },
  waiting: {
    title: "Events wait for another ad account",
    purchases:
      "{n, plural, one {# purchase waits for {account}.} other {# purchases wait for {account}.}}",
    events: "{n, plural, one {# event waits for {account}.} other {# events wait for {account}.}}",
    send: "Send them to {next}",
    sendHelp: "Except those that the other ad account may already have: they would count twice.",
    leave: "Leave them",
    leaveHelp:
      "They go to the ad account that they wait for, if it accepts them, or expire 6 days and 20 hours after they happened.",
    newAccount: "this ad account",
  },
  disconnect: {
    title: "Disconnect Pinterest",
    text: "{n, plural, =0 {No event is waiting. New orders are kept} one {# event is waiting. It and new orders are kept} other {# events are waiting. They and new orders are kept}} for 6 days and 20 hours each. Reconnect within that time and nothing is lost.",
    permission:
      "Pinterest has no way for Pinrelay to end the permission you gave. You can end it yourself:",
    link: "Open Pinterest's security settings",
    action: "Disconnect",
  },
  toasts: {
    connected: "Pinterest connected",
    changed: "Ad account changed",
    unchanged: "This account is in use already",
    disconnected: "Pinterest disconnected",
  },
  notices: {
    denied: "Access was not given. Nothing changed.",
    used: "This sign-in took too long, was used before, or belongs to someone else. Nothing changed.",
    failed: "Pinterest did not finish the sign-in. Nothing changed. Try again.",
  },
  callback: {
    title: "This sign-in can't be finished",
    text: "The link was used before, is more than ten minutes old, or was not made by Pinrelay. Nothing was changed.",
    next: "Open Pinrelay in your Shopify admin and choose Continue on its Pinterest connection page again.",
  },
} as const;

/** Where a person sees and ends what apps may do with their Pinterest account. */
export const PINTEREST_SECURITY = "https://www.pinterest.com/settings/security";
