/** Tokens of ServiceAccounts over HTTP: asking for them, what they open, and what they end with. */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { after, before, describe, it } from "node:test";
import {
  clusterRoleBindings,
  instances,
  namespaces,
  nodes,
  type Resource,
  secrets,
  serviceAccounts,
} from "../../../../api/scheme.ts";
import { CredentialAuthenticator } from "../../../../apiserver/authentication/authenticator.ts";
import { instanceGarbageCollector } from "../../../../apiserver/authentication/identity.ts";
import { ServiceAccountTokens } from "../../../../apiserver/authentication/service-account-tokens.ts";
import { SigningKeys } from "../../../../apiserver/authentication/signing-keys.ts";
import { newSecretKey } from "../../../../apiserver/encryption/secret-key.ts";
import { PodsView } from "../../../../apiserver/views/pods/pods.ts";
import { tokenReview } from "../../../../apiserver/views/reviews/subject-reviews.ts";
import { uidsIn } from "../../../../apiserver/views/reviews/token-objects.ts";
import { TokenRequestStorage } from "../../../../apiserver/views/reviews/token-request.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";
import { instance } from "../../fixtures.ts";
import { tokens as known, TestServer } from "../../test-server.ts";

const clock = new FakeClock("2030-01-01T00:00:00Z");
const path = "/api/v1/namespaces/default/serviceaccounts/robot/token";
const events: object[] = [];
let server: TestServer;
before(async () => {
  let tokens: ServiceAccountTokens | undefined;
  server = await TestServer.start({
    audit: { record: async (event) => void events.push(event) },
    clock,
    authenticator: new CredentialAuthenticator(clock, known, {
      verify: (token) => tokens?.verify(token),
      holds: (token) => tokens?.holds(token) ?? false,
    }),
    tokenKeys: () => tokens!.publicKeys,
    views: (registry) => {
      const primary = newSecretKey(clock.wall());
      const keys = new SigningKeys({ primary, keys: [primary] });
      tokens = new ServiceAccountTokens({ keys, clock, uidOf: uidsIn(registry) });
      registry.stored(serviceAccounts).subresources.set("token", new TokenRequestStorage(registry, tokens));
      return [new PodsView(registry, clock), tokenReview((...asked) => tokens?.verify(...asked))];
    },
  });
  await create(serviceAccounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } });
});
after(() => server.stop());

// As root by token: certificates are of another time than this test's clock.
const root = { authorization: "Bearer root-token" };
const bearing = (token: string) => ({ authorization: `Bearer ${token}` });
const create = (resource: unknown, object: object) =>
  server.registry.create(resource as Resource, (resource as Resource).namespaced ? "default" : undefined, object, {});
const get = (at: string, headers: Record<string, string>) => server.ask("GET", at, { as: "nobody", headers });
const post = (at: string, body: object, headers: Record<string, string> = root) =>
  server.ask("POST", at, { as: "nobody", headers, body });
const remove = (at: string) => server.ask("DELETE", `/api/v1/${at}`, { as: "nobody", headers: root });
const ask = (spec: object, headers = root, at = path) =>
  post(at, { kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1", spec }, headers);
const issue = async (spec: object = {}): Promise<string> => {
  const { code, json, text } = await ask(spec);
  assert.equal(code, 201, text);
  return json.status.token;
};
const review = async (spec: object) =>
  (
    await post("/apis/authentication.k8s.io/v1/tokenreviews", {
      kind: "TokenReview",
      apiVersion: "authentication.k8s.io/v1",
      spec,
    })
  ).json.status;
const codeOf = async (token: string): Promise<number> => (await get("/api", bearing(token))).code;

describe("a token that is asked for", () => {
  it("lets its bearer in as his ServiceAccount, for its time", async () => {
    const made = await ask({ expirationSeconds: 600 });
    assert.deepEqual([made.code, made.json.kind], [201, "TokenRequest"]);
    assert.equal(made.json.status.expirationTimestamp, "2030-01-01T00:10:00Z");
    const { token } = made.json.status;
    assert.equal(await codeOf(token), 200);
    const refused = await get("/api/v1/secrets", bearing(token));
    assert.match(refused.json.message, /User "system:serviceaccount:default:robot" cannot list resource "secrets"/);
    assert.equal((await review({ token })).user.username, "system:serviceaccount:default:robot");
    assert.deepEqual(await review({ token, audiences: ["x"] }), { user: {}, error: "invalid bearer token" });
    assert.deepEqual(await review({ token: "x" }), { user: {}, error: "invalid bearer token" });
  });

  it("is for its audiences alone, and not for this API unless it is one of them", async () => {
    const token = await issue({ audiences: ["vault", "https://wctl.dev"] });
    assert.deepEqual((await review({ token, audiences: ["vault", "other"] })).audiences, ["vault"]);
    assert.equal(await codeOf(token), 200);
    assert.equal(await codeOf(await issue({ audiences: ["vault"] })), 401);
  });

  it("is refused in Kubernetes' words", async () => {
    for (const [spec, code, message] of [
      [{ expirationSeconds: 599 }, 422, /may not specify a duration less than 10 minutes/],
      [{ expirationSeconds: 2 ** 33 }, 422, /larger than 2\^32/],
      [{ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "ghost" } }, 404, /^pods "ghost" not found$/],
      [{ boundObjectRef: { kind: "Node", apiVersion: "v1", name: "ghost" } }, 404, /^nodes "ghost" not found$/],
      [
        { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "x" } },
        400,
        /^cannot bind token to object of type \/v1, Kind=ConfigMap$/,
      ],
      [
        { boundObjectRef: { kind: "Pod", apiVersion: "x/v2", name: "x" } },
        400,
        /^cannot bind token to object of type x\/v2, Kind=Pod$/,
      ],
      [{ boundObjectRef: "Pod" }, 400, /boundObjectRef must be an object/],
      [{ boundObjectRef: { kind: ["Pod"] } }, 400, /must be strings/],
    ] as const) {
      const answer = await ask(spec);
      assert.deepEqual([answer.code, message.test(answer.json.message)], [code, true], answer.json.message);
    }
    assert.equal((await ask({}, root, path.replace("robot", "ghost"))).code, 404);
    assert.equal((await ask({}, bearing("jane-token"))).code, 403);
  });
});

describe("a token that is bound", () => {
  const cases: [kind: string, resource: unknown, place: string, object: object][] = [
    ["Pod", instances, "namespaces/default/pods/web-0", instance("web-0")],
    [
      "Secret",
      secrets,
      "namespaces/default/secrets/web-0",
      { apiVersion: "v1", kind: "Secret", metadata: { name: "web-0" } },
    ],
    ["Node", nodes, "nodes/web-0", { apiVersion: "v1", kind: "Node", metadata: { name: "web-0" } }],
  ];
  for (const [kind, resource, place, object] of cases) {
    it(`to a ${kind} ends when that is gone, and another of its name brings it not back`, async () => {
      const { uid } = (await create(resource, object)).object.metadata;
      const boundObjectRef = { kind, apiVersion: "v1", name: "web-0", uid };
      const token = await issue({ boundObjectRef });
      assert.equal(await codeOf(token), 200);
      const other = await ask({ boundObjectRef: { ...boundObjectRef, uid: "other" } });
      assert.deepEqual([other.code, other.json.reason], [409, "Conflict"]);
      assert.match(
        other.json.message,
        /on \w+ "web-0": the UID in the bound object reference \(other\) does not match/,
      );
      const left = await remove(place);
      assert.equal(left.code, 200, left.text);
      if (kind === "Pod") {
        assert.equal(await codeOf(token), 200, "while its program stops it may use it");
        const [user, body] = [instanceGarbageCollector, { metadata: { finalizers: null } }];
        await server.registry.patch(
          instances as unknown as Resource,
          "default/web-0",
          { type: "merge", body },
          { user },
        );
      }
      assert.equal(await codeOf(token), 401);
      await create(resource, object);
      assert.equal(await codeOf(token), 401);
      await remove(place);
    });
  }
});

describe("what a token does not outlive", () => {
  it("is its ServiceAccount, also when another of its name is made", async () => {
    const token = await issue();
    await remove("namespaces/default/serviceaccounts/robot");
    assert.equal(await codeOf(token), 401);
    await create(serviceAccounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } });
    assert.equal(await codeOf(token), 401);
  });

  const watch = (token: string) => {
    const at = "/api/v1/namespaces?watch=1&resourceVersion=0&fieldSelector=metadata.name%3Dlate";
    return server.open("GET", at, { as: "nobody", headers: bearing(token) });
  };

  it("is not what began while it held: a watch goes on when its time is over, and the next request is refused", async () => {
    const token = await issue({ expirationSeconds: 600 });
    await create(clusterRoleBindings, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "robots" },
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "default" }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    });
    const watching = await watch(token);
    clock.advance(600_000);
    assert.equal(await codeOf(token), 401);
    await create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "late" } });
    for await (const chunk of watching) {
      assert.match(String(chunk), /"ADDED".*"late"/);
      break;
    }
  });

  it("is its account nor what it is bound to, even where a watch has begun: that ends within ten seconds", async () => {
    await create(secrets, { apiVersion: "v1", kind: "Secret", metadata: { name: "bound" } });
    const boundObjectRef = { kind: "Secret", apiVersion: "v1", name: "bound" };
    for (const [spec, place] of [
      [{ boundObjectRef }, "namespaces/default/secrets/bound"],
      [{}, "namespaces/default/serviceaccounts/robot"],
    ] as const) {
      const watching = await watch(await issue(spec));
      await remove(place);
      clock.advance(10_000);
      for await (const _ of watching);
    }
    await create(serviceAccounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } });
  });

  it("is never in the audit log", async () => {
    const token = await issue();
    await get("/api/v1/secrets", bearing(token));
    await get("/api", bearing(`${token}x`));
    await post("/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } }, bearing(token));
    const text = JSON.stringify(events);
    for (const part of [token, ...token.split(".").slice(1)]) assert.ok(!text.includes(part));
    assert.ok(text.includes("system:serviceaccount:default:robot") && text.includes("attempted: bearer"));
  });
});

describe("the keys of the tokens", () => {
  it("are served as Kubernetes serves them, to service accounts, so that others can check tokens", async () => {
    const token = await issue({ audiences: ["https://wctl.dev", "vault"] });
    const found = await get("/.well-known/openid-configuration", bearing(token));
    assert.equal(found.headers["cache-control"], "public, max-age=3600");
    const { issuer, jwks_uri, ...rest } = found.json;
    assert.deepEqual(rest, {
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
    });
    const { pathname, port } = new URL(jwks_uri);
    assert.equal(Number(port), server.port);
    const keys = await get(pathname, bearing(token));
    assert.deepEqual([keys.code, keys.headers["content-type"]], [200, "application/jwk-set+json"]);
    const [head, body, signature] = token.split(".") as [string, string, string];
    const [{ kid }, { iss }] = [head, body].map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    assert.equal(iss, issuer);
    const jwk = JSON.parse(keys.text).keys.find((one: { kid: string }) => one.kid === kid);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const given = Buffer.from(signature, "base64url");
    assert.ok(verify("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }, given));
    for (const at of ["/openid/v1/jwks", "/.well-known/openid-configuration/"]) {
      assert.equal((await get(at, bearing("jane-token"))).code, 403);
      assert.equal((await get(at, root)).code, 200);
      assert.equal((await get(at, {})).code, 401);
      assert.equal((await server.ask("POST", at, { as: "nobody", headers: root })).code, 405);
    }
  });
});
