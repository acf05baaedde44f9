import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasSubresource, scheme } from "../../../api/scheme.ts";
import { kinds } from "../../../apiserver/kinds/kinds.ts";

describe("the kinds", () => {
  it("are those of the scheme, in its order", () => {
    assert.deepEqual(
      kinds.map(({ resource }) => resource),
      scheme,
    );
  });

  it("are stored in the clear, but for Secrets", () => {
    const encrypted = kinds.filter(({ encryptedAtRest }) => encryptedAtRest);
    assert.deepEqual(
      encrypted.map(({ resource }) => resource.kind),
      ["Secret"],
    );
  });

  for (const { resource, schema, scale, columns, nameError, bootstrapObjects = [] } of kinds) {
    it(`${resource.kind} is whole: what its noun promises is there`, () => {
      assert.ok(Object.keys(schema.body.properties ?? {}).length > 0, "it has a schema");
      assert.equal(schema.status !== undefined, hasSubresource(resource, "status"));
      assert.equal(scale !== undefined, hasSubresource(resource, "scale"));
      for (const { name, path } of columns) if (path !== undefined) assert.match(path, /^(\.\w+)+$/, name);
      assert.equal(new Set(columns.map(({ name }) => name)).size, columns.length, "no two columns of one name");
      assert.equal(nameError("web"), undefined);
      assert.notEqual(nameError("a/b"), undefined);
      for (const { kind, metadata } of bootstrapObjects) {
        assert.equal(kind, resource.kind);
        assert.equal(nameError(metadata.name), undefined);
      }
    });
  }
});
