import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { makeKey } from "../../../api/object.ts";
import { type Resource, serviceAccounts } from "../../../api/scheme.ts";
import { CredentialAuthenticator } from "../../../apiserver/authentication/authenticator.ts";
import { ServiceAccountTokens } from "../../../apiserver/authentication/service-account-tokens.ts";
import { newSecretKey } from "../../../apiserver/encryption/secret-key.ts";
import { tokenReview } from "../../../apiserver/views/reviews/subject-reviews.ts";
import { TokenRequestStorage } from "../../../apiserver/views/reviews/token-request.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { tokens as known, TestServer } from "../test-server.ts";

function desk(t0 = "2030-01-01T00:00:00Z") {
  const clock = new FakeClock(t0);
  const key = newSecretKey(clock.wall());
  const uids = new Map([["a/robot", "uid-1"]]);
  const keys = { primary: key, find: (id: string) => (id === key.id ? key : undefined) };
  const tokens = new ServiceAccountTokens({
    keys,
    clock,
    uidOf: (namespace, name) => uids.get(`${namespace}/${name}`),
  });
  const issue = (audiences = ["https://wctl.dev"]) =>
    tokens.issue({ namespace: "a", name: "robot", uid: "uid-1" }, audiences, 600).token;
  return { clock, key, uids, tokens, issue };
}
const parts = (token: string) =>
  token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

describe("the token of a ServiceAccount", () => {
  it("says who it is for, in Kubernetes' words", () => {
    const { tokens, issue } = desk();
    const { identity } = tokens.verify(issue())!;
    const [, { jti }] = parts(issue());
    assert.deepEqual(
      { ...identity, extra: Object.keys(identity.extra ?? {}) },
      {
        name: "system:serviceaccount:a:robot",
        groups: ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"],
        uid: "uid-1",
        extra: ["authentication.kubernetes.io/credential-id"],
      },
    );
    assert.match(jti, /^[0-9a-f-]{36}$/);
  });

  it("ends with its time, with its account, with its key, and is for its audience only", () => {
    const { clock, uids, tokens, issue } = desk();
    const token = issue();
    assert.equal(tokens.verify(token, ["other"]), undefined);
    assert.equal(tokens.verify(issue(["other"])), undefined);
    assert.deepEqual(tokens.verify(issue(["x", "y"]), ["z", "y"])?.audiences, ["y"]);
    assert.equal(desk().tokens.verify(token), undefined, "another data directory has another key");
    uids.set("a/robot", "uid-2");
    assert.equal(tokens.verify(token), undefined, "another account of that name");
    uids.delete("a/robot");
    assert.equal(tokens.verify(token), undefined);
    uids.set("a/robot", "uid-1");
    clock.advance(599_000);
    assert.ok(tokens.verify(token));
    clock.advance(1_000);
    assert.equal(tokens.verify(token), undefined);
  });

  it("can't be made by others, nor changed", () => {
    const { key, tokens, issue } = desk();
    const token = issue();
    const [head, body] = parts(token);
    const [rawHead, rawBody, signature] = token.split(".") as [string, string, string];
    const signed = (header: object, claims: object, by = key.key) => {
      const text = `${encode(header)}.${encode(claims)}`;
      return `${text}.${createHmac("sha256", by).update(text).digest("base64url")}`;
    };
    assert.ok(tokens.verify(signed(head, body)), "the test signs as we do");
    const forged = [
      `${encode({ ...head, alg: "none" })}.${rawBody}.`,
      `${encode({ ...head, alg: "none" })}.${rawBody}.${signature}`,
      `${rawHead}.${encode({ ...body, sub: "root" })}.${signature}`,
      `${rawHead}.${rawBody}`,
      `${rawHead}.${rawBody}.${signature}.x`,
      `${rawHead}.${rawBody}.${signature.slice(1)}`,
      signed({ ...head, kid: "0000000000000000" }, body),
      signed({ ...head, kid: "__proto__" }, body),
      signed({ ...head, alg: "HS512" }, body),
      signed(head, body, newSecretKey(new Date()).key),
      signed(head, { ...body, exp: "never" }),
      signed(head, { ...body, iss: "https://elsewhere" }),
      signed(head, { ...body, "kubernetes.io": null }),
      signed(head, { ...body, "kubernetes.io": { namespace: "b", serviceaccount: { name: "robot", uid: undefined } } }),
      "..",
      "",
      "x",
      "x".repeat(20_000),
      `${"A".repeat(3000)}.${"A".repeat(3000)}.AA`,
    ];
    for (const one of forged) assert.equal(tokens.verify(one), undefined, one.slice(0, 80));
  });
});

describe("asking for one", () => {
  it("gives what lets its bearer in, until the account is deleted; the audit log has none of it", async (t) => {
    const { clock, key } = desk();
    const events: object[] = [];
    let tokens: ServiceAccountTokens | undefined;
    const server = await TestServer.start({
      audit: { record: async (event) => void events.push(event) },
      authenticator: new CredentialAuthenticator(clock, known, (token) => tokens?.verify(token)),
      views: (registry) => {
        const accounts = registry.stored(serviceAccounts);
        const uidOf = (namespace: string, name: string) => accounts.find(makeKey(namespace, name))?.metadata.uid;
        tokens = new ServiceAccountTokens({
          keys: { primary: key, find: (id) => (id === key.id ? key : undefined) },
          clock,
          uidOf,
        });
        accounts.subresources.set("token", new TokenRequestStorage(accounts, tokens));
        return [tokenReview((...asked) => tokens?.verify(...asked))];
      },
    });
    t.after(() => server.stop());
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } };
    await server.registry.create(serviceAccounts as unknown as Resource, "default", account, {});
    const path = "/api/v1/namespaces/default/serviceaccounts/robot/token";
    // As root by token: certificates are of another time than this test's clock.
    const root = { authorization: "Bearer root-token" };
    const ask = (spec: object, headers: Record<string, string> = root, at = path) =>
      server.ask("POST", at, {
        as: "nobody",
        headers,
        body: { kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1", spec },
      });
    const made = await ask({ expirationSeconds: 600 });
    assert.equal(made.code, 201, made.text);
    assert.equal(made.json.kind, "TokenRequest");
    assert.equal(made.json.status.expirationTimestamp, "2030-01-01T00:10:00Z");
    const { token } = made.json.status;
    const bearer = { authorization: `Bearer ${token}` };
    assert.equal((await server.ask("GET", "/api", { as: "nobody", headers: bearer })).code, 200);
    const refused = await server.ask("GET", "/api/v1/secrets", { as: "nobody", headers: bearer });
    assert.match(refused.json.message, /User "system:serviceaccount:default:robot" cannot list resource "secrets"/);
    const review = async (spec: object) =>
      (
        await server.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
          as: "nobody",
          headers: root,
          body: { kind: "TokenReview", apiVersion: "authentication.k8s.io/v1", spec },
        })
      ).json.status;
    assert.equal((await review({ token })).user.username, "system:serviceaccount:default:robot");
    assert.equal((await review({ token, audiences: ["x"] })).authenticated, undefined);
    for (const [spec, message] of [
      [{ expirationSeconds: 599 }, /may not specify a duration less than 10 minutes/],
      [{ expirationSeconds: 2 ** 33 }, /larger than 2\^32/],
      [{ boundObjectRef: { kind: "Pod", name: "x" } }, /boundObjectRef/],
    ] as const) {
      const answer = await ask(spec);
      assert.equal(answer.code, 422);
      assert.match(answer.json.message, message);
    }
    assert.equal((await ask({}, root, path.replace("robot", "ghost"))).code, 404);
    assert.equal((await ask({}, { authorization: "Bearer jane-token" })).code, 403);
    await server.ask("DELETE", "/api/v1/namespaces/default/serviceaccounts/robot", { as: "nobody", headers: root });
    assert.equal((await server.ask("GET", "/api", { as: "nobody", headers: bearer })).code, 401);
    await server.registry.create(serviceAccounts as unknown as Resource, "default", account, {});
    assert.equal(
      (await server.ask("GET", "/api", { as: "nobody", headers: bearer })).code,
      401,
      "the next of its name is another",
    );
    const text = JSON.stringify(events);
    for (const secret of [token, token.split(".")[2]]) assert.ok(!text.includes(secret));
  });
});
