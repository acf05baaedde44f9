import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCommit } from "../../../git/repository/commit.ts";

const OID = "c".repeat(40);
const TREE = `tree ${"a".repeat(40)}\n`;
const PEOPLE = "author A <a@example.com> 1700000000 +0000\ncommitter C <c@example.com> 1700000001 +0100\n";
const SIGNATURE = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----";
const header = (name: string, value: string): string => `${name} ${value.replaceAll("\n", "\n ")}\n`;
const parse = (text: string | Buffer) => parseCommit(OID, Buffer.from(text as string));
const payloadOf = (text: string): string => Buffer.from(parse(text).payload).toString();

describe("a commit", () => {
  it("is read, and its payload is its bytes without the signature", () => {
    const text = `${TREE}${PEOPLE}${header("gpgsig", SIGNATURE)}\na message\n\ngpgsig no header\n`;
    const { payload, ...commit } = parse(text);
    assert.deepEqual(commit, {
      oid: OID,
      tree: "a".repeat(40),
      author: "A <a@example.com> 1700000000 +0000",
      message: "a message\n\ngpgsig no header\n",
      signature: SIGNATURE,
    });
    assert.equal(Buffer.from(payload).toString(), `${TREE}${PEOPLE}\na message\n\ngpgsig no header\n`);
  });

  it("keeps every other byte: those that are no UTF-8, CR, NUL, and no line end at its end", () => {
    const odd = Buffer.from("encoding latin1\nx-odd a\rgpgsig b\rcommitter c\n\n\xe9\xff\0\r\nend", "latin1");
    const head = Buffer.from(TREE + PEOPLE);
    const raw = Buffer.concat([head, Buffer.from(header("gpgsig", SIGNATURE)), odd]);
    const commit = parse(raw);
    assert.deepEqual(Buffer.from(commit.payload), Buffer.concat([head, odd]));
    assert.equal(commit.signature, SIGNATURE);
  });

  it("has no signature where a CR, a mergetag or its message has words like one", () => {
    const tag = `object ${OID}\ntype commit\ngpgsig ${SIGNATURE}\n\nmessage\n${SIGNATURE}`;
    for (const text of [
      `${TREE}${PEOPLE}x-odd a\rgpgsig b\n\nm\n`,
      `${TREE}${PEOPLE}${header("mergetag", tag)}\nm\n`,
      `${TREE}${PEOPLE}\ngpgsig ${SIGNATURE}\n`,
      `${TREE}${PEOPLE}gpgsig-sha256 x\n\nm\n`,
      `${TREE}${PEOPLE}gpgsigx\n\nm\n`,
    ]) {
      assert.equal(parse(text).signature, undefined, text);
      assert.equal(payloadOf(text), text);
    }
  });

  it("shows each of several signatures", () => {
    const text = `${TREE}${header("gpgsig", SIGNATURE)}${PEOPLE}${header("gpgsig", "two")}\nm\n`;
    assert.equal(parse(text).signature, `${SIGNATURE}\ntwo`);
    assert.equal(payloadOf(text), `${TREE}${PEOPLE}\nm\n`);
  });

  it("of more bytes than anybody writes is refused", () => {
    const refusal = { reason: "LimitExceeded", message: /the commit \w+ has more than 1048576 bytes/ };
    assert.throws(() => parse(`${TREE}${PEOPLE}\n${"m".repeat(1024 * 1024)}`), refusal);
    assert.throws(() => parse(`${TREE}${"a\n".repeat(1024 * 1024)}${PEOPLE}\nm\n`), refusal);
  });

  it("may have no message", () => {
    for (const text of [TREE + PEOPLE, `${TREE}${PEOPLE}\n`]) {
      assert.equal(parse(text).message, "");
      assert.equal(payloadOf(text), text);
    }
  });

  for (const [name, text] of Object.entries({
    nothing: "",
    "no tree": `${PEOPLE}\nm\n`,
    "a tree that is not first": `${PEOPLE}${TREE}\nm\n`,
    "a tree that goes on": `${TREE} x\n${PEOPLE}\nm\n`,
    "a short tree": `tree abc\n${PEOPLE}\nm\n`,
    "no author": `${TREE}\nm\n`,
    "an author after a CR": `${TREE}x\rauthor A <a> 1 +0000\n\nm\n`,
    "a header that does not end": `${TREE}${PEOPLE}x`,
  })) {
    it(`is refused with ${name}`, () => {
      assert.throws(() => parse(text), { reason: "RepositoryInvalid", message: /a commit is damaged/ });
    });
  }
});
