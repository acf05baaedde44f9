import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asRecord, entriesOf, environmentBlock } from "../../runtime/win32/process/environment-block.ts";

const text = (block: Buffer): string => block.toString("utf16le");

describe("an environment block", () => {
  it("is UTF-16, sorted without regard to case, and ends with two NULs", () => {
    assert.equal(text(environmentBlock(["b=2", "A=1", "a_=3", "Path=x"])), "A=1\0a_=3\0b=2\0Path=x\0\0");
  });

  it("of nothing is two NULs", () => assert.equal(text(environmentBlock([])), "\0\0"));

  it("sorts by the name alone", () => {
    assert.equal(text(environmentBlock(["AB=1", "A=z", "A.B=2"])), "A=z\0A.B=2\0AB=1\0\0");
  });

  it("keeps what is no valid Unicode", () => {
    assert.deepEqual(entriesOf(text(environmentBlock(["A=\ud800"]))), ["A=\ud800"]);
  });

  it("leaves the entries of cmd.exe out when it is read", () => {
    assert.deepEqual(entriesOf("=C:=C:\\x\0A=1\0\0rubbish"), ["A=1"]);
    assert.deepEqual(asRecord(["A=1=2", "B="]), { A: "1=2", B: "" });
  });

  it("loses nothing", () => {
    const name = fc.string({ minLength: 1, maxLength: 8 }).map((value) => `N${value.replaceAll(/[=\0]/g, "_")}`);
    const value = fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\0", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { minLength: 1 }), (pairs) => {
        const entries = pairs.map(([key, held]) => `${key}=${held}`);
        const names = (list: string[]) => list.map((entry) => entry.slice(0, entry.indexOf("=")).toUpperCase());
        const back = entriesOf(text(environmentBlock(entries)));
        assert.deepEqual([...back].sort(), [...entries].sort());
        assert.deepEqual(names(back), names(back).sort());
      }),
    );
  });
});
