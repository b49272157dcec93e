/** What an API key may do: send events, or read the conversion tags of the ad account. */
export const API_KEY_SCOPES = ["send", "read"] as const;

export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];
