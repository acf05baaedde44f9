import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../api/object.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { Cache } from "../../machinery/cache.ts";
import { MutationCache } from "../../machinery/mutation-cache.ts";
import { FakeClock } from "../lib/fake-clock.ts";

const map = (name: string, revision: number, group = "g"): Stored<ConfigMap> => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, uid: name, resourceVersion: String(revision), creationTimestamp: "", labels: { group } },
});
const revisions = (objects: readonly Stored<ConfigMap>[]): string[] =>
  objects.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);

function setUp() {
  const lister = new Cache<ConfigMap>();
  const informer = { lister, revision: 10 };
  const clock = new FakeClock();
  return {
    lister,
    informer,
    clock,
    own: new MutationCache(informer, clock, ({ metadata }) => metadata.labels?.group ?? ""),
  };
}

describe("MutationCache", () => {
  it("shows what was written over what the informer shows, until it has caught up", () => {
    const { lister, informer, own } = setUp();
    lister.set(map("a", 5));
    own.remember(map("a", 11));
    own.remember(map("new", 12));
    own.remember(map("other", 13, "h"));
    assert.deepEqual(revisions(own.over(lister.list(), "g")), ["a@11", "new@12"]);
    assert.equal(own.get("a")?.metadata.resourceVersion, "11");
    lister.set(map("a", 11));
    lister.set(map("a", 14));
    informer.revision = 14;
    assert.deepEqual(revisions(own.over(lister.list(), "g")), ["a@14"]);
    assert.equal(own.get("new"), undefined, "it came and went");
  });

  it("does not keep what the informer shows already", () => {
    const { lister, own } = setUp();
    lister.set(map("a", 9));
    own.remember(map("a", 8));
    assert.deepEqual(revisions(own.over(lister.list(), "g")), ["a@9"]);
  });

  it("keeps the newest of several writes, also when it changed its group", () => {
    const { own } = setUp();
    own.remember(map("a", 11));
    own.remember(map("a", 12, "h"));
    assert.deepEqual(revisions(own.over([], "g")), []);
    assert.deepEqual(revisions(own.over([], "h")), ["a@12"]);
  });

  it("does not stand for ever over what the informer shows: a write that never comes back is forgotten (P19)", () => {
    const { lister, clock, own } = setUp();
    lister.set(map("a", 5));
    own.remember(map("a", 9_000)); // Then the store was put back to an earlier state.
    own.remember(map("new", 9_001));
    clock.advance(599_999);
    assert.deepEqual(revisions(own.over(lister.list(), "g")), ["a@9000", "new@9001"]);
    clock.advance(1);
    assert.equal(own.get("a")?.metadata.resourceVersion, "5");
    assert.deepEqual(revisions(own.over(lister.list(), "g")), ["a@5"]);
  });
});
