import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Masker } from "../../lib/masker.ts";

const value = 'p"ä ss/word?';
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a masked value", () => {
  const cases: [where: string, text: string, masked: string][] = [
    ["as it is", `login with ${value} failed, ${value}!`, "login with *** failed, ***!"],
    ["in JSON", JSON.stringify({ password: value }), '{"password":"***"}'],
    ["in a URL", `GET /?p=${encodeURIComponent(value)}&x=1`, "GET /?p=***&x=1"],
    ["in base64", `got ${base64(value)}.`, "got ***."],
    ["in URL-safe base64", `got ${Buffer.from(value).toString("base64url")}.`, "got ***."],
    ["in base64 behind one byte", `Basic ${base64(`u${value}`)} refused`, "Basic *** refused"],
    ["in base64 behind two bytes", `Basic ${base64(`u:${value}`)} refused`, "Basic *** refused"],
    ["in base64 between others", `Basic ${base64(`user:${value}:more`)} refused`, "Basic *** refused"],
    ["in hexadecimal", `key ${Buffer.from(value).toString("hex")}`, "key ***"],
    ["in UTF-16 read as something else", `key ${[...value].join("\0")}`, "key ***"],
    ["cut at the end of the text", `login with ${value.slice(0, 6)}`, "login with ***"],
    [
      "cut before the note of it",
      `[9 more bytes]\n[9 more bytes]${value.slice(0, 6)}\n[17 more bytes] of web`,
      "[9 more bytes]\n[9 more bytes]***\n[17 more bytes] of web",
    ],
    ["cut within a character", `login with ${value.slice(0, 6)}\ufffd`, "login with ***"],
  ];
  for (const [where, text, masked] of cases)
    it(`is hidden ${where}`, () => assert.equal(new Masker([value]).mask(text), masked));

  it("is hidden with and without the line end that a file gave it, and line by line", () => {
    const masker = new Masker(["hunter22\n", "-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\n-----END KEY-----\r\n"]);
    assert.equal(masker.mask("password hunter22 is wrong"), "password *** is wrong");
    assert.equal(masker.mask("cannot read MIIEvQIBADAN"), "cannot read ***");
  });

  it("leaves nothing of two values that overlap", () => {
    assert.equal(new Masker(["abcdef", "defghi"]).mask("<abcdefghi>"), "<***>");
    assert.equal(new Masker(["abcd", "abcdefgh"]).mask("<abcdefgh>"), "<***>");
  });

  it("too short to hide anything makes no riddle of a sentence", () => {
    assert.equal(new Masker(["1", "no", "", "   "]).mask("exit code 1, no route"), "exit code 1, no route");
  });

  it("of the longest kind costs no time that anybody notices", () => {
    const long = Array.from({ length: 20 }, (_, n) => `${n}`.repeat(4000));
    const text = "0".repeat(10_240);
    assert.equal(new Masker(long).mask(text), "***");
    const lines = Array.from({ length: 60_000 }, (_, n) => `line ${n} of a book`).join("\n");
    assert.equal(new Masker([lines]).mask("nothing of it"), "***", "too many to look for: nothing is shown");
  });
});
