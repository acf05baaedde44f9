import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { HookSecret, HookType } from "../../../apiserver/hooks/hook-target.ts";
import { isSigned } from "../../../apiserver/hooks/is-signed.ts";

const token = "It's a Secret to Everybody";
const body = Buffer.from("Hello, World!");
const hmac = createHmac("sha256", token).update(body).digest("hex");
const rights: Record<HookType, Record<string, string>> = {
  GitHub: { "x-hub-signature-256": `sha256=${hmac}` },
  Gitea: { "x-gitea-signature": hmac },
  Generic: { "x-signature-256": `sha256=${hmac}` },
  GitLab: { "x-gitlab-token": token },
};
const types = Object.keys(rights) as HookType[];
const secret = (type: HookType, text = token): HookSecret => ({ type, token: text });

describe("a signature", () => {
  it("is what GitHub's documentation says that it is", () => {
    assert.equal(hmac, "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  });

  for (const type of types) {
    const [[header, value] = ["", ""]] = Object.entries(rights[type]);

    it(`of ${type} is known, and of no other`, () => {
      for (const other of types)
        assert.equal(isSigned(secret(type), rights[other], body), other === type, `${other} for ${type}`);
    });

    it(`of ${type} that is missing, cut, longer, doubled, in another form or by another token is none`, () => {
      const wrong: unknown[] = [
        undefined,
        "",
        value.slice(0, -1),
        `${value}0`,
        ` ${value}`,
        `${value}, ${value}`,
        [value],
        `sha1=${value}`,
        value.replaceAll(/./g, "0"),
        "sha256=",
        `sha256=${"é".repeat(32)}`,
        `sha256=${"0".repeat(64)}`,
      ];
      for (const given of wrong)
        assert.equal(isSigned(secret(type), { [header]: given } as Record<string, string>, body), false, String(given));
      assert.equal(isSigned(secret(type, `${token} `), rights[type], body), false);
    });

    it(`of ${type} by an empty token is none, whoever can make it`, () => {
      const empty = createHmac("sha256", "").update(body).digest("hex");
      const all = Object.fromEntries(types.flatMap((one) => Object.keys(rights[one])).map((name) => [name, empty]));
      assert.equal(isSigned(secret(type, ""), { ...all, "x-gitlab-token": "" }, body), false);
      assert.equal(isSigned(secret(type, ""), { "x-hub-signature-256": `sha256=${empty}` }, body), false);
    });

    if (type !== "GitLab")
      it(`of ${type} is of these bytes alone`, () => {
        assert.equal(isSigned(secret(type), rights[type], Buffer.from("Hello, World?")), false);
        assert.equal(isSigned(secret(type), rights[type], new Uint8Array()), false);
      });
  }

  it("may be in capitals", () => {
    assert.equal(isSigned(secret("Gitea"), { "x-gitea-signature": hmac.toUpperCase() }, body), true);
  });

  it("may be a token that is not ASCII, in the bytes that a client sends", () => {
    const header = Buffer.from("schlüssel", "utf8").toString("latin1");
    assert.equal(isSigned(secret("GitLab", "schlüssel"), { "x-gitlab-token": header }, body), true);
  });
});
