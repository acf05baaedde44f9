import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { eventLineOf } from "../../../apiserver/printing/object-json.ts";

const MIB = 1024 * 1024;
let revision = 0;

const configMap = (size: number): Stored =>
  Object.freeze({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", uid: "u", creationTimestamp: "", resourceVersion: String(++revision) },
    data: { text: "x".repeat(size) },
  });

describe("the lines of watch events", () => {
  it("are made once for watchers that are a little apart", () => {
    const object = configMap(10);
    const line = eventLineOf("ADDED", object);
    for (let others = 0; others < 200; others++) eventLineOf("ADDED", configMap(10));
    assert.equal(eventLineOf("ADDED", object), line);
  });

  it("are kept in a few MiB however large they are", () => {
    const object = configMap(MIB);
    const line = eventLineOf("MODIFIED", object);
    assert.ok(eventLineOf("MODIFIED", object) === line, "who watches at the same time has it");
    for (let others = 0; others < 8; others++) eventLineOf("MODIFIED", configMap(MIB));
    assert.ok(eventLineOf("MODIFIED", object) !== line, "it is not kept for long");
  });

  it("are counted once when an Object is told of as another event", () => {
    const objects = Array.from({ length: 3 }, () => configMap(MIB));
    const lineOf = (object: Stored): Buffer => eventLineOf("ADDED", object);
    for (let turn = 0; turn < 9; turn++)
      for (const object of objects) eventLineOf(turn % 2 ? "ADDED" : "DELETED", object);
    const told = objects.map(lineOf);
    assert.deepEqual(
      objects.map(lineOf).map((line, at) => line === told[at]),
      [true, true, true],
    );
  });
});
