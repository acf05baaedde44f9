import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";

interface Form {
  name?: string;
  description?: string;
  body: { type: string; id?: string; attributes: { label?: string; value?: string }; validations?: object }[];
}

const folder = join(import.meta.dirname, "../../.github");
const read = (path: string): string => readFileSync(join(folder, path), "utf8");

// https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
describe("the forms for issues", () => {
  const forms = readdirSync(join(folder, "ISSUE_TEMPLATE")).map((file): [string, Form] => [
    file,
    parse(read(`ISSUE_TEMPLATE/${file}`)),
  ]);

  for (const [file, { name, description, body }] of forms) {
    it(`${file} is one that GitHub shows`, () => {
      assert.ok(name && description);
      const asked = body.filter(({ type }) => type !== "markdown");
      assert.ok(asked.length > 0);
      for (const { type, id, attributes } of asked) {
        assert.match(type, /^(textarea|input|dropdown|checkboxes)$/);
        assert.ok(id && attributes.label, `${id}: a field has an id and a label`);
      }
      assert.equal(new Set(asked.map(({ id }) => id)).size, asked.length);
    });
  }

  it("ask of a bug what one needs to see it: version, manifest, what wctl says of it, and where it runs", () => {
    const ids = forms.find(([file]) => file === "bug.yml")![1].body.map(({ id }) => id);
    for (const wanted of ["version", "manifest", "describe", "platform"]) assert.ok(ids.includes(wanted), wanted);
  });
});

describe("the updates of dependencies", () => {
  it("come in groups, for actions and for packages, when a release is some days old", () => {
    const { version, updates } = parse(read("dependabot.yml"));
    assert.equal(version, 2);
    assert.deepEqual(
      updates.map((update: Record<string, unknown>) => update["package-ecosystem"]),
      ["github-actions", "npm"],
    );
    for (const { groups, cooldown } of updates) {
      assert.ok(Object.keys(groups).length > 0);
      assert.ok(cooldown["default-days"] >= 7);
    }
  });
});
