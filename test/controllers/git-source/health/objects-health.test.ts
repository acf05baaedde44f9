import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import { gitSources } from "../../../../api/scheme.ts";
import { ObjectsHealth } from "../../../../controllers/git-source/health/objects-health.ts";

/** One of a kind with conditions; it is Degraded where `message` is not empty. */
const source = (name: string, resourceVersion: number, message = "", more: object = {}): Stored =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name, namespace: "home", resourceVersion: String(resourceVersion), generation: 1, ...more },
    spec: {},
    status: {
      observedGeneration: 1,
      conditions: [{ type: "Ready", status: message === "" ? "True" : "False", reason: "R", message }],
    },
  }) as unknown as Stored;

const applied = (resourceVersion: number, ...keys: string[]) =>
  new Map(
    keys.map((key) => [`gitsources.wctl.dev/${key}`, { kind: "GitSource", resourceVersion: String(resourceVersion) }]),
  );

describe("the health of what a source has applied", () => {
  it("is that of each object as it was seen last, as far as the source has applied it", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    assert.equal(health.changed(gitSources, source("a", 9, "no route")), true);
    assert.equal(health.changed(gitSources, source("a", 10, "no route")), false, "it says nothing new");
    health.changed(gitSources, source("b", 9));
    health.changed(gitSources, source("of-nobody", 9, "no route"));
    assert.deepEqual(health.unhealthyOf(applied(9, "home/a", "home/b")), [
      { title: "GitSource home/a", health: "Degraded", message: "no route" },
    ]);
  });

  it("does not take the state before an apply for the one after it, whatever the number of digits", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("a", 9));
    assert.deepEqual(health.unhealthyOf(applied(10, "home/a")), [
      { title: "GitSource home/a", health: "Progressing", message: "the change is not observed yet" },
    ]);
    health.changed(gitSources, source("a", 10));
    assert.deepEqual(health.unhealthyOf(applied(10, "home/a")), []);
  });

  it("tells when what was waited for is seen, although it is as healthy as before", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("a", 9));
    health.unhealthyOf(applied(11, "home/a"));
    assert.equal(health.changed(gitSources, source("a", 10)), true, "it may be what is waited for");
    health.unhealthyOf(applied(11, "home/a"));
    assert.equal(health.changed(gitSources, source("a", 11)), true);
    health.unhealthyOf(applied(11, "home/a"));
    assert.equal(health.changed(gitSources, source("a", 12)), false);
  });

  it("says of what was deleted that it is missing", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("a", 9));
    health.deleted(gitSources, source("a", 9));
    assert.deepEqual(health.unhealthyOf(applied(9, "home/a")), [
      { title: "GitSource home/a", health: "Missing", message: "" },
    ]);
  });

  it("leaves out what somebody has paused", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("a", 9, "no route"));
    const annotations = { "wctl.dev/reconcile": "disabled" };
    assert.equal(health.changed(gitSources, source("a", 10, "no route", { annotations })), true);
    assert.deepEqual(health.unhealthyOf(applied(9, "home/a")), []);
  });

  it("leaves out the source itself: it would wait for its own end", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("fleet", 9, "not healthy"));
    health.changed(gitSources, source("other", 9, "not healthy"));
    const titles = health.unhealthyOf(applied(9, "home/fleet", "home/other")).map(({ title }) => title);
    assert.deepEqual(titles, ["GitSource home/other"]);
  });

  it("repeats no word of what belongs to another namespace, and of the others one line", () => {
    const health = new ObjectsHealth({ metadata: { name: "fleet", namespace: "home" } });
    health.changed(gitSources, source("a", 9, "a secret", { namespace: "elsewhere" }));
    health.changed(gitSources, source("b", 9, `one\n\x1b[31m${"x".repeat(999)}`));
    const messages = health.unhealthyOf(applied(9, "elsewhere/a", "home/b")).map(({ message }) => message);
    assert.equal(messages[0], "");
    assert.match(messages[1]!, /^one \\x1b\[31mx{100,190}…$/);
  });
});
