import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sourceLabelOf } from "../../../api/git/source-label.ts";
import type { Stored } from "../../../api/object.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { sourceIdentityOf } from "../../../controllers/git-source/source-identity.ts";

const label = (namespace: string, name: string): string => sourceLabelOf({ metadata: { namespace, name } });
const manager = (namespace: string, name: string): string =>
  sourceIdentityOf({ metadata: { namespace, name } } as Stored<GitSource>).fieldManager;

describe("what a source is called on its Objects", () => {
  it("is another name for each source, and the value of a label", () => {
    const long = "a".repeat(63);
    const shortened = label(long, "fleet");
    assert.match(shortened, /^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/);
    assert.notEqual(shortened, label(long, "fleet2"));
    // One whose name is what another's is shortened to.
    const [, namespace = "", name = ""] = shortened.split(/[._]/);
    assert.notEqual(label(namespace, name), shortened);
    assert.notEqual(manager("a-b", "c"), manager("a", "b-c"));
    assert.ok(manager(long, "b".repeat(253)).length <= 128);
  });
});
