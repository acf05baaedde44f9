import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { applyConfiguration } from "../../../apiserver/apply/apply-configuration.ts";
import { setOf } from "../../../apiserver/apply/field-set.ts";
import { entryFor, type Manager, type Managers } from "../../../apiserver/apply/managers.ts";
import { managersAfterUpdate } from "../../../apiserver/apply/ownership.ts";
import { reconciled } from "../../../apiserver/apply/reconcile.ts";
import type { JsonObject } from "../../../lib/json-object.ts";

const now = "2026-01-01T00:00:00Z";
const apiVersion = "example/v1";
const named = (name: string): Manager & { operation: "Apply" } => ({ manager: name, operation: "Apply", apiVersion });

const asOf = (mapType: "granular" | "atomic", listType: "map" | "atomic"): Schema => ({
  type: "object",
  properties: {
    struct: {
      type: "object",
      "x-kubernetes-map-type": mapType,
      properties: { numeric: { type: "integer" }, string: { type: "string" } },
    },
    list: {
      type: "array",
      "x-kubernetes-list-type": listType,
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object", properties: { name: { type: "string" } } },
    },
  },
});
const granular = asOf("granular", "map");
const atomic = asOf("atomic", "atomic");

/** As structured-merge-diff's own tests of schema changes tell it (`merge/schema_change_test.go`). */
class Story {
  live: JsonObject = {};
  managers: Managers = [];

  apply(name: string, config: JsonObject, schema: Schema, force = false): this {
    const request = { live: this.live, managers: this.managers, config, schema, writer: named(name), force, now };
    const { merged, managers } = applyConfiguration(request);
    this.live = merged as JsonObject;
    this.managers = managers;
    return this;
  }

  conflicts(name: string, config: JsonObject, schema: Schema): (string | undefined)[] {
    try {
      this.apply(name, config, schema);
    } catch (error) {
      assert.ok(error instanceof StatusError);
      return (error.details?.causes ?? []).map(({ message, field }) => `${message}: ${field}`);
    }
    return [];
  }

  owned(): Record<string, unknown> {
    return Object.fromEntries(this.managers.map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
  }
}

describe("managers, when the schema says otherwise than when they wrote", () => {
  it("own a struct whole that is atomic now, if they owned a part of it", () => {
    const story = new Story().apply("one", { struct: { numeric: 1 } }, granular);
    const string = { struct: { string: "string" } };
    assert.deepEqual(story.conflicts("two", string, atomic), ['conflict with "one": .struct']);
    story.apply("two", string, atomic, true);
    assert.deepEqual([story.live, story.owned()], [string, { two: { "f:struct": {} } }]);
  });

  it("own nothing of it that they owned no more", () => {
    const story = new Story().apply("one", { struct: { numeric: 1 } }, granular);
    story.apply("two", { struct: { numeric: 2 } }, granular, true);
    assert.deepEqual(story.conflicts("three", { struct: { string: "x" } }, atomic), ['conflict with "two": .struct']);
  });

  it("own a list whole that is atomic now, whoever writes next", () => {
    const story = new Story().apply("one", { list: [{ name: "a" }] }, granular);
    const after = { ...story.live, struct: { numeric: 1 } };
    const writer: Manager = { manager: "two", operation: "Update", apiVersion };
    const managers = managersAfterUpdate(story.managers, { before: story.live, after, schema: atomic, writer, now });
    assert.deepEqual(
      managers.map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
      [
        ["one", { "f:list": {} }],
        ["two", { "f:struct": {} }],
      ],
    );
  });

  it("own of what was atomic the thing itself, and no part of it", () => {
    const story = new Story().apply("one", { struct: { numeric: 1, string: "a" } }, atomic);
    assert.deepEqual(story.conflicts("two", { struct: { string: "b" } }, granular), []);
    assert.deepEqual(story.live, { struct: { numeric: 1, string: "b" } });
    assert.deepEqual(story.owned(), { one: { "f:struct": {} }, two: { "f:struct": { "f:string": {} } } });
  });

  it("there and back own it whole, and a part again when they apply", () => {
    const config = { struct: { numeric: 1 }, list: [{ name: "a" }] };
    const story = new Story().apply("one", config, granular);
    const before = story.owned();
    story.apply("one", config, atomic);
    assert.deepEqual(story.owned(), { one: { "f:struct": {}, "f:list": {} } });
    story.apply("one", config, granular);
    assert.deepEqual([story.live, story.owned()], [config, before]);
  });

  it("are nobody in a version that is not served, but for the writer, who then takes nothing back", () => {
    const old = (name: string) =>
      entryFor({ ...named(name), apiVersion: "example/v0" }, setOf(["f:struct", "f:string"]), now);
    const story = new Story();
    story.live = { struct: { string: "a" } };
    story.managers = [old("one"), old("two")];
    assert.deepEqual(story.conflicts("two", { struct: { numeric: 1 } }, granular), []);
    assert.deepEqual(story.live, { struct: { string: "a", numeric: 1 } });
    assert.deepEqual(story.owned(), { two: { "f:struct": { "f:numeric": {} } } });
    assert.equal(story.managers[0]?.apiVersion, apiVersion);
  });

  it("stay the very same where nothing is read otherwise", () => {
    const { managers } = new Story().apply("one", { struct: { numeric: 1 }, list: [{ name: "a" }] }, granular);
    assert.equal(reconciled(managers, granular, named("two")), managers);
  });
});
