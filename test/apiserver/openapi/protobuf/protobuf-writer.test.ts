import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bytesOf,
  double,
  type Field,
  flag,
  message,
  nested,
  whole,
} from "../../../../apiserver/openapi/protobuf/protobuf-writer.ts";
import { fieldsIn } from "./protobuf-reader.ts";

const hex = (...fields: (Field | undefined)[]): string => bytesOf(message(...fields)).toString("hex");

describe("the protobuf writer", () => {
  // The first two are the examples of protobuf.dev/programming-guides/encoding.
  it("writes as the format says", () => {
    assert.equal(hex(whole(1, 150)), "089601");
    assert.equal(hex(nested(2, "testing")), "120774657374696e67");
    assert.equal(hex(nested(3, whole(1, 150))), "1a03089601");
    assert.equal(hex(double(7, 1)), "39000000000000f03f");
    assert.equal(hex(flag(16, true), undefined, flag(1, false)), "8001010800");
    assert.equal(hex(nested(2, "ä")), "1202c3a4");
    assert.equal(hex(), "");
  });

  it("gives back what it was given, in order, however long it is", () => {
    const text = "x".repeat(200_000);
    const large = 2 ** 40 + 1;
    const fields = fieldsIn(bytesOf(message(nested(1, "a"), nested(1, text), nested(1, "b"), whole(2, large))));
    assert.deepEqual(fields.get(1)?.map(String), ["a", text, "b"]);
    assert.deepEqual(fields.get(2), [large]);
  });
});
