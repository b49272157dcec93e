import {
  createTag,
  getEventQuality,
  getTag,
  getUserAccount,
  type Lookback,
  listAdAccounts,
  listTags,
  type NewTag,
  requestDeletion,
} from "./ad-accounts.server.ts";
import type { AdAccount, ConversionTag, QualityScore, UserAccount } from "./answers.server.ts";
import {
  createConversionToken,
  exchangeOAuthCode,
  type OAuthTokens,
  type RefreshedTokens,
  refreshOAuthToken,
} from "./oauth.server.ts";
import type { Result } from "./result.server.ts";
import { type EventBatch, type SendAnswer, sendEvents } from "./send-events.server.ts";
import { createTransport, type TransportOptions } from "./transport.server.ts";

export interface PinterestClientOptions extends TransportOptions {
  /** The app at Pinterest; without it merchants cannot sign in, and everything else works. */
  clientId?: string | undefined;
  clientSecret?: string | undefined;
}

/** Pinterest's API. No method rejects because of the network or Pinterest. */
export interface PinterestClient {
  sendEvents(batch: EventBatch): Promise<SendAnswer>;
  listTags(query: { adAccountId: string; token: string }): Promise<Result<ConversionTag[]>>;
  getTag(query: {
    adAccountId: string;
    tagId: string;
    token: string;
  }): Promise<Result<ConversionTag>>;
  createTag(query: {
    adAccountId: string;
    token: string;
    tag: NewTag;
  }): Promise<Result<ConversionTag>>;
  listAdAccounts(query: {
    token: string;
  }): Promise<Result<{ items: AdAccount[]; isComplete: boolean }>>;
  getUserAccount(query: { token: string }): Promise<Result<UserAccount>>;
  getEventQuality(query: {
    adAccountId: string;
    token: string;
    lookback: Lookback;
  }): Promise<Result<QualityScore[]>>;
  requestDeletion(query: {
    adAccountId: string;
    token: string;
    emails: readonly string[];
  }): Promise<Result<string>>;
  exchangeOAuthCode(grant: { code: string; redirectUri: string }): Promise<Result<OAuthTokens>>;
  refreshOAuthToken(refreshToken: string): Promise<Result<RefreshedTokens>>;
  createConversionToken(query: { token: string }): Promise<Result<string>>;
  /** Resolves when the attempts in flight have ended. */
  close(): Promise<void>;
}

/** Makes a client with connections of its own; its creator must close it. */
export function createPinterestClient(options: PinterestClientOptions): PinterestClient {
  const { clientId, clientSecret } = options;
  const transport = createTransport(options);
  const app = clientId && clientSecret ? { clientId, clientSecret } : null;
  return {
    sendEvents: (batch) => sendEvents(transport, batch),
    listTags: (query) => listTags(transport, query),
    getTag: (query) => getTag(transport, query),
    createTag: (query) => createTag(transport, query),
    listAdAccounts: (query) => listAdAccounts(transport, query),
    getUserAccount: (query) => getUserAccount(transport, query),
    getEventQuality: (query) => getEventQuality(transport, query),
    requestDeletion: (query) => requestDeletion(transport, query),
    exchangeOAuthCode: (grant) => exchangeOAuthCode(transport, app, grant),
    refreshOAuthToken: (refreshToken) => refreshOAuthToken(transport, app, refreshToken),
    createConversionToken: (query) => createConversionToken(transport, query),
    close: () => transport.close(),
  };
}
