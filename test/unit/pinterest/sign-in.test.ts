import { describe, expect, test } from "vitest";
import { answer, fixture, startPinterest, TOKEN } from "./pinterest-stub.ts";

const APP = { clientId: "1234567", clientSecret: "s3cret/of+the=app" };
const GRANT = { code: "one-time-code", redirectUri: "https://app.example/pinterest/callback" };
const TOKENS = {
  accessToken: "pina_NEWACCESSTOKEN0123456789",
  expiresInSeconds: 2_592_000,
  refreshToken: "pinr.NEWREFRESHTOKEN0123456789",
  refreshExpiresInSeconds: 5_184_000,
  scopes: ["ads:read", "ads:write", "user_accounts:read"],
};

describe("a merchant who signed in", () => {
  test("has the code turned into tokens", async () => {
    const { client, requests } = await startPinterest(answer(200, fixture("oauth-refreshed")), APP);
    expect(await client.exchangeOAuthCode(GRANT)).toEqual({ ok: true, value: TOKENS });
    const basic = Buffer.from("1234567:s3cret/of+the=app").toString("base64");
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: "/v5/oauth/token",
      headers: {
        authorization: `Basic ${basic}`,
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: "authorization_code",
      code: "one-time-code",
      redirect_uri: "https://app.example/pinterest/callback",
      continuous_refresh: "true",
    });
  });

  test("gets new tokens for the refresh token, which is replaced as well", async () => {
    const { client, requests } = await startPinterest(answer(200, fixture("oauth-refreshed")), APP);
    expect(await client.refreshOAuthToken("pinr.OLD+1")).toEqual({ ok: true, value: TOKENS });
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: "pinr.OLD+1",
      continuous_refresh: "true",
    });
  });

  test("keeps the refresh token when Pinterest sends no other", async () => {
    const { refresh_token: _, ...answered } = fixture("oauth-refreshed");
    const { client } = await startPinterest(answer(200, answered), APP);
    const refreshed = await client.refreshOAuthToken("pinr.OLD");
    expect(refreshed).toMatchObject({ ok: true, value: { refreshToken: "pinr.OLD" } });
  });

  test("gets a token of its own for sending events", async () => {
    const { client, requests } = await startPinterest(answer(200, fixture("conversion-token")));
    const created = await client.createConversionToken({ token: TOKEN });
    expect(created).toEqual({ ok: true, value: "pina_CONVERSIONTOKEN0123456789" });
    expect(requests[0]).toMatchObject({ method: "POST", url: "/v5/oauth/conversion_token" });
  });
});

describe("signing in fails", () => {
  test("with a reason, and without code, secret or token, though Pinterest repeats them", async () => {
    const { client } = await startPinterest((response, request) => {
      const credentials = request.headers.authorization ?? "";
      const echo = `${request.body} ${credentials} ${decodeURIComponent(request.body)}`;
      const clear = Buffer.from(credentials.slice(6), "base64");
      answer(400, { code: 283, message: `Bad grant: ${echo} ${clear}` })(response, request);
    }, APP);
    const failures = [
      await client.exchangeOAuthCode(GRANT),
      await client.refreshOAuthToken("not-in-the-usual-form+1"),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ ok: false, error: { kind: "invalid", code: 283 } });
      const kept = JSON.stringify(failure);
      expect(kept).toContain("Bad grant");
      expect(kept).not.toMatch(/one-time|s3cret|usual-form|MTIzNDU2Nz/);
    }
  });

  test("when the app is not registered with Pinterest, and nothing is sent", async () => {
    const { client, requests } = await startPinterest(answer(200, {}), { clientId: "1" });
    const failure = await client.exchangeOAuthCode(GRANT);
    expect(failure).toMatchObject({ ok: false, error: { kind: "invalid", httpStatus: null } });
    expect(requests).toEqual([]);
  });

  test("when the answer holds no token", async () => {
    const { client } = await startPinterest(answer(200, { token_type: "bearer" }), APP);
    const failure = await client.refreshOAuthToken("pinr.OLD");
    expect(failure).toMatchObject({ ok: false, error: { kind: "unreadable" } });
  });
});
