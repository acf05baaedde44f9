import assert from "node:assert/strict";
import { createHmac, createPublicKey, type JsonWebKey, sign, verify } from "node:crypto";
import { describe, it } from "node:test";
import { ServiceAccountTokens, type TokenSubject } from "../../../apiserver/authentication/service-account-tokens.ts";
import { SigningKeys } from "../../../apiserver/authentication/signing-keys.ts";
import { newSecretKey } from "../../../apiserver/encryption/secret-key.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

function desk(t0 = "2030-01-01T00:00:00Z") {
  const clock = new FakeClock(t0);
  const secret = newSecretKey(clock.wall());
  const secrets = { keys: [secret], primary: secret };
  const keys = new SigningKeys(secrets);
  const uids = new Map([["ServiceAccount a/robot", "uid-1"]]);
  const tokens = new ServiceAccountTokens({
    keys,
    clock,
    uidOf: (kind, namespace, name) => uids.get(`${kind} ${namespace}/${name}`),
  });
  const issue = (audiences = ["https://wctl.dev"], bound: TokenSubject["bound"] = undefined) =>
    tokens.issue({ namespace: "a", name: "robot", uid: "uid-1", bound }, audiences, 600).token;
  return { clock, secret, secrets, keys, uids, tokens, issue };
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
    uids.set("ServiceAccount a/robot", "uid-2");
    assert.equal(tokens.verify(token), undefined, "another account of that name");
    uids.delete("ServiceAccount a/robot");
    assert.equal(tokens.verify(token), undefined);
    uids.set("ServiceAccount a/robot", "uid-1");
    clock.advance(599_000);
    assert.ok(tokens.verify(token));
    clock.advance(1_000);
    assert.equal(tokens.verify(token), undefined);
  });

  it("can't be made by others, nor changed", () => {
    const { keys, secret, tokens, issue } = desk();
    const token = issue();
    const [head, body] = parts(token);
    const [rawHead, rawBody, signature] = token.split(".") as [string, string, string];
    const signed = (header: object, claims: object, by = keys.primary.privateKey) => {
      const text = `${encode(header)}.${encode(claims)}`;
      const made = sign("sha256", Buffer.from(text), { key: by, dsaEncoding: "ieee-p1363" });
      return `${text}.${made.toString("base64url")}`;
    };
    const hashed = (key: Parameters<typeof createHmac>[1]) => {
      const text = `${encode({ ...head, alg: "HS256" })}.${rawBody}`;
      return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
    };
    const der = sign("sha256", Buffer.from(`${rawHead}.${rawBody}`), keys.primary.privateKey);
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
      signed({ ...head, alg: "ES512" }, body),
      signed(head, body, desk().keys.primary.privateKey),
      `${rawHead}.${rawBody}.${der.toString("base64url")}`,
      hashed(secret.key),
      hashed(keys.primary.publicKey.export({ type: "spki", format: "pem" })),
      hashed(keys.primary.publicKey.export({ type: "spki", format: "der" })),
      signed(head, { ...body, exp: "never" }),
      signed(head, { ...body, iss: "https://elsewhere" }),
      signed(head, { ...body, "kubernetes.io": null }),
      signed(head, { ...body, "kubernetes.io": { namespace: "b", serviceaccount: { name: "robot", uid: undefined } } }),
      signed(head, { ...body, "kubernetes.io": { ...body["kubernetes.io"], secret: { name: "x" } } }),
      signed(head, { ...body, "kubernetes.io": { ...body["kubernetes.io"], pod: null } }),
      "..",
      "",
      "x",
      "x".repeat(20_000),
      `${"A".repeat(3000)}.${"A".repeat(3000)}.AA`,
    ];
    for (const one of forged) assert.equal(tokens.verify(one), undefined, one.slice(0, 80));
  });

  it("can be checked by whoever has the public key, which is published; that key signs nothing", () => {
    const { keys, issue } = desk();
    const token = issue();
    const [{ kid, alg }] = parts(token);
    const [published, ...more] = keys.published;
    assert.deepEqual([published?.kid, published?.alg, published?.use, more], [kid, alg, "sig", []]);
    assert.deepEqual(Object.keys(published!).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    const [head, body, signature] = token.split(".") as [string, string, string];
    const key = createPublicKey({ key: { ...published } as JsonWebKey, format: "jwk" });
    const given = Buffer.from(signature, "base64url");
    assert.ok(verify("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }, given));
  });

  it("goes on with the key that signed it, beside a newer one, and ends with it", () => {
    const { clock, secret, secrets, keys, tokens, issue } = desk();
    const token = issue();
    secrets.keys = [newSecretKey(clock.wall()), secret];
    secrets.primary = secrets.keys[0]!;
    assert.equal(keys.published.length, 2);
    assert.ok(tokens.verify(token) && tokens.verify(issue()));
    const same = new SigningKeys({ keys: [secret], primary: secret });
    assert.equal(same.primary.id, parts(token)[0].kid, "after a restart too");
  });

  it("ends with what it is bound to, and says so", () => {
    const [pod, node] = [
      { name: "web-0", uid: "uid-pod" },
      { name: "here", uid: "uid-node" },
    ];
    const { uids, tokens, issue } = desk();
    for (const [bound, kind, place] of [
      [{ pod, node }, "Pod", "a/web-0"],
      [{ secret: { name: "s", uid: "uid-s" } }, "Secret", "a/s"],
      [{ node }, "Node", "a/here"],
    ] as const) {
      const token = issue(undefined, bound);
      assert.equal(tokens.verify(token), undefined, `${kind}: it is not there`);
      const uid = Object.values(bound)[0]!.uid;
      uids.set(`${kind} ${place}`, uid);
      const { "authentication.kubernetes.io/credential-id": _, ...extra } = tokens.verify(token)!.identity.extra!;
      const wanted = {
        Pod: { "node-name": ["here"], "node-uid": ["uid-node"], "pod-name": ["web-0"], "pod-uid": ["uid-pod"] },
        Secret: {},
        Node: { "node-name": ["here"], "node-uid": ["uid-node"] },
      }[kind];
      const shown = Object.entries(wanted).map(([key, value]) => [`authentication.kubernetes.io/${key}`, value]);
      assert.deepEqual(extra, Object.fromEntries(shown));
      uids.set(`${kind} ${place}`, "uid-of-the-next");
      assert.equal(tokens.verify(token), undefined, `${kind}: another of its name`);
      uids.delete(`${kind} ${place}`);
    }
  });

  it("is checked once however often it comes, and what is remembered of it is bounded", () => {
    const { clock, keys } = desk();
    let asked = 0;
    const counting = {
      get primary() {
        return keys.primary;
      },
      published: [],
      find(id: string) {
        asked++;
        return keys.find(id);
      },
    };
    const tokens = new ServiceAccountTokens({ keys: counting, clock, uidOf: () => "uid-1" });
    const issue = () => tokens.issue({ namespace: "a", name: "robot", uid: "uid-1" }, ["https://wctl.dev"], 600).token;
    const first = issue();
    for (let n = 0; n < 10; n++) assert.ok(tokens.verify(first));
    assert.equal(asked, 1);
    for (let n = 0; n < 1_000; n++) tokens.verify(issue());
    assert.ok(tokens.verify(first));
    assert.equal(asked, 1_002, "it was forgotten, and is checked anew");
  });
});
