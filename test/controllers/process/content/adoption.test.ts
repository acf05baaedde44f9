import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ContentReference, contentReferencesOf } from "../../../../api/content/content-references.ts";
import { adopted, inForce, isWaiting, type Look } from "../../../../controllers/process/content/adoption.ts";
import { changedKeys, firstSeen, presentDigests } from "../../../../controllers/process/content/present.ts";

const look = (present: Record<string, string>, more: Partial<Look> = {}): Look => ({
  key: "k1",
  template: "t1",
  present,
  isCounted: () => true,
  firstSeen: {},
  action: undefined,
  ...more,
});
const A1 = { "configmaps/web/A": "1" };
const A2 = { "configmaps/web/A": "2" };
const first = inForce(undefined, look(A1));

describe("the content of a revision", () => {
  it("is no part of its name until it changes, so nothing that runs is replaced for the first look", () => {
    assert.equal(first.digest, undefined);
    assert.equal(isWaiting(first, look(A1)), false);
    assert.deepEqual(inForce(first, look(A1)), first);
  });

  it("changes it, and changes it back", () => {
    assert.equal(isWaiting(inForce(first, look(A2)), look(A2)), true);
    const second = adopted(first, look(A2));
    assert.match(second.digest!, /^[b-z2-9]{10}$/);
    assert.equal(second.changed, 'key "A" of configmap "web"');
    assert.equal(adopted(second, look(A1)).digest, undefined);
  });

  it("is taken in with a new template at once, whatever else is asked", () => {
    const now = look(A2, { template: "t2", action: "None" });
    const next = inForce(first, now);
    assert.deepEqual([next.digests, next.changed, isWaiting(next, now)], [A2, undefined, false]);
  });

  it("is left alone with action None, and what is outdated is told until the next start of all", () => {
    const now = look(A2, { action: "None" });
    const next = inForce(first, now);
    assert.deepEqual([next.digest, next.digests, isWaiting(next, now)], [undefined, A1, false]);
    assert.equal(next.outdated, 'key "A" of configmap "web"');
    assert.equal(inForce(next, look(A1, { action: "None" })).outdated, undefined);
    assert.equal(inForce(next, look(A2, { template: "t2" })).outdated, undefined);
  });

  it("that changes in place makes no revision, until the template changes or it does so no more", () => {
    const both = inForce(undefined, look({ ...A1, "configmaps/web/F": "1" }));
    const files = { ...A1, "configmaps/web/F": "2" };
    const inPlace = look(files, { action: "Signal", isCounted: (id) => !id.endsWith("/F") });
    assert.equal(isWaiting(inForce(both, inPlace), inPlace), false);
    const variable = look({ ...files, ...A2 }, { action: "Signal", isCounted: (id) => !id.endsWith("/F") });
    assert.equal(adopted(inForce(both, variable), variable).changed, 'key "A" of configmap "web"');
    assert.equal(isWaiting(inForce(both, look(files)), look(files)), true);
    assert.deepEqual(inForce(both, { ...inPlace, template: "t2" }).digests, files);
  });

  it("that a required reference leads to for the first time is no change", () => {
    const B = { "secrets/s/B": "1" };
    const next = inForce(first, look({ ...A1, ...B }, { firstSeen: B }));
    assert.equal(next.digest, undefined);
    assert.equal(isWaiting(next, look({ ...A1, ...B })), false);
    const changed = adopted(first, look(A2));
    const later = inForce(changed, look({ ...A2, ...B }, { firstSeen: B }));
    assert.equal(later.digest, changed.digest, "nor later");
  });

  it("is not compared under another key: after a restore with a new key nothing is replaced", () => {
    const other = { "configmaps/web/A": "other" };
    for (const before of [first, adopted(first, look(A2))]) {
      const next = inForce(before, look(other, { key: "k2" }));
      assert.equal(next.digest, before.digest);
      assert.equal(isWaiting(next, look(other, { key: "k2" })), false);
    }
  });
});

describe("what references lead to", () => {
  const one = (name: string, key: string | undefined, optional = false): ContentReference => ({
    plural: "configmaps",
    name,
    ...(key === undefined ? {} : { key }),
    optional,
    isFile: false,
  });
  const web = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web" }, digests: { A: "1", B: "2" } };
  const find = (_: string, name: string) => (name === "web" ? web : undefined);

  it("is one key, or all of them", () => {
    assert.deepEqual(presentDigests([one("web", "A")], find, {}), { "configmaps/web/A": "1" });
    const all = { "configmaps/web/A": "1", "configmaps/web/B": "2" };
    assert.deepEqual(presentDigests([one("web", undefined)], find, {}), all);
  });

  it("is what it was when a required Object is gone, and nothing when an optional one is", () => {
    const before = { "configmaps/gone/A": "1", "configmaps/gone/B": "2" };
    assert.deepEqual(presentDigests([one("gone", undefined)], find, before), before);
    assert.deepEqual(presentDigests([one("gone", "A")], find, before), { "configmaps/gone/A": "1" });
    assert.deepEqual(presentDigests([one("gone", "A", true)], find, before), {});
  });

  it("is seen first when it is required and nothing was known of it", () => {
    const present = { "configmaps/web/A": "1", "configmaps/web/B": "2" };
    assert.deepEqual(firstSeen([one("web", undefined)], present, {}), present);
    assert.deepEqual(firstSeen([one("web", undefined)], present, { "configmaps/web/A": "0" }), {});
    assert.deepEqual(firstSeen([one("web", "B")], present, { "configmaps/web/A": "0" }), { "configmaps/web/B": "2" });
    assert.deepEqual(firstSeen([one("web", "B", true)], present, {}), {});
  });

  it("is named by keys, a few of each", () => {
    const of = (names: string[]) => Object.fromEntries(names.map((name) => [name, "1"]));
    assert.equal(changedKeys({}, {}), undefined);
    assert.equal(
      changedKeys(of(["secrets/s/A"]), of(["configmaps/m/B"])),
      'key "A" of secret "s"; key "B" of configmap "m"',
    );
    const many = of(["A", "B", "C", "D", "E", "F"].map((key) => `configmaps/m/${key}`));
    assert.equal(changedKeys({}, many), 'keys "A", "B", "C", "D" and 2 more of configmap "m"');
  });

  it("are those of env, envFrom and files", () => {
    const references = contentReferencesOf({
      command: "x",
      env: [
        { name: "A", valueFrom: { configMapKeyRef: { name: "m", key: "a" } } },
        { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "b", optional: true } } },
        { name: "C", value: "plain" },
      ],
      envFrom: [{ configMapRef: { name: "m" } }, { secretRef: { name: "t", optional: true } }],
      files: [{ path: "f", secretRef: { name: "s", key: "f" } }],
    });
    assert.deepEqual(references, [
      { plural: "configmaps", name: "m", key: "a", optional: false, isFile: false },
      { plural: "secrets", name: "s", key: "b", optional: true, isFile: false },
      { plural: "configmaps", name: "m", optional: false, isFile: false },
      { plural: "secrets", name: "t", optional: true, isFile: false },
      { plural: "secrets", name: "s", key: "f", optional: false, isFile: true },
    ]);
  });
});
