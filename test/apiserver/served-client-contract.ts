import assert from "node:assert/strict";
import { afterEach, beforeEach, it } from "node:test";
import type { Client, ListOptions } from "../../api/client.ts";
import { isConflict, StatusError } from "../../api/errors.ts";
import { configMaps, namespaces, processes } from "../../api/scheme.ts";
import type { ConfigMap } from "../../api/types.generated.ts";
import { BOOKMARK_MS } from "../../apiserver/registry/bookmarks.ts";
import { map, program, type Subject, watching } from "../api/client-contract.ts";
import type { FakeClock } from "../lib/fake-clock.ts";

export interface ServedSubject extends Subject {
  clock: FakeClock;
}

const statusError = async (refused: Promise<unknown>): Promise<StatusError> => {
  const error = await refused.then(
    () => assert.fail("it was not refused"),
    (one: unknown) => one,
  );
  assert.ok(error instanceof StatusError, String(error));
  return error;
};

/** What both bodies of `Client` over our server have in common besides, so that a controller may be moved out of the daemon. */
export function servedClientContract(open: () => Promise<ServedSubject>): void {
  let subject: ServedSubject;
  let client: Client;
  let abort: AbortController;
  beforeEach(async () => {
    subject = await open();
    ({ client } = subject);
    abort = new AbortController();
  });
  afterEach(async () => {
    abort.abort();
    await subject.close();
  });
  const names = async (options: ListOptions): Promise<string[]> =>
    (await client.list(configMaps, options)).items.map(({ metadata }) => metadata.name);

  it("lists in pages of one state, whatever is written between them", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await client.create(configMaps, map(name));
    const first = await client.list(configMaps, { limit: 2 });
    assert.deepEqual(
      first.items.map(({ metadata }) => metadata.name),
      ["a", "b"],
    );
    assert.equal(first.metadata.remainingItemCount, 3);
    await client.create(configMaps, map("bb"));
    await client.delete(configMaps, "default/d");
    const seen: string[] = [];
    for (let next = first.metadata.continue; next; ) {
      const page = await client.list(configMaps, { limit: 2, continue: next });
      assert.equal(page.metadata.resourceVersion, first.metadata.resourceVersion);
      seen.push(...page.items.map(({ metadata }) => metadata.name));
      next = page.metadata.continue;
    }
    assert.deepEqual(seen, ["c", "d", "e"]);
    assert.equal((await statusError(client.list(configMaps, { limit: 2, continue: "nonsense" }))).reason, "BadRequest");
  });

  it("says with 410 that the state of a page is forgotten, and how to go on", async () => {
    for (const name of ["a", "b", "c"]) await client.create(configMaps, map(name));
    const { metadata } = await client.list(configMaps, { limit: 1 });
    await subject.forget();
    const error = await statusError(client.list(configMaps, { limit: 1, continue: metadata.continue! }));
    assert.deepEqual([error.reason, error.code], ["Expired", 410]);
    assert.ok(error.continue, "a token for the rest, as it is now");
    assert.deepEqual(await names({ limit: 1, continue: error.continue }), ["b"]);
  });

  it("selects by namespace, labels and fields, and refuses a selector it cannot read", async () => {
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    await client.create(configMaps, map("a", {}, { labels: { tier: "web" } }));
    await client.create(configMaps, map("b", {}, { labels: { tier: "db" } }));
    await client.create(configMaps, map("c", {}, { namespace: "other", labels: { tier: "web" } }));
    assert.deepEqual(await names({}), ["a", "b", "c"]);
    assert.deepEqual(await names({ namespace: "default" }), ["a", "b"]);
    assert.deepEqual(await names({ labelSelector: "tier in (web)" }), ["a", "c"]);
    assert.deepEqual(await names({ labelSelector: "tier!=web" }), ["b"]);
    assert.deepEqual(await names({ fieldSelector: "metadata.name=b" }), ["b"]);
    for (const bad of [{ labelSelector: "a in" }, { fieldSelector: "spec.nothing=1" }]) {
      const error = await statusError(client.list(configMaps, bad));
      assert.equal(error.code, 400);
    }
  });

  it("says of an Object that is not valid which fields are wrong, in the same words", async () => {
    const error = await statusError(client.create(processes, program("a", { command: "", replicas: -1 })));
    assert.deepEqual([error.reason, error.code], ["Invalid", 422]);
    assert.match(error.message, /^Process\.wctl\.dev "a" is invalid: /);
    const fields = error.details?.causes?.map(({ field }) => field).sort();
    assert.deepEqual(fields, ["spec.command", "spec.replicas"]);
    assert.deepEqual([error.details?.kind, error.details?.group, error.details?.name], ["Process", "wctl.dev", "a"]);
  });

  it("refuses unknown fields only when it is told to be strict", async () => {
    const odd = program("a", { replicsa: 2 });
    const error = await statusError(client.create(processes, odd, { fieldValidation: "Strict" }));
    assert.match(error.message, /unknown field "spec\.replicsa"/);
    const made = await client.create(processes, odd, { fieldValidation: "Ignore" });
    assert.equal("replicsa" in made.spec, false);
  });

  it("fills in defaults, and a name where only its beginning is given", async () => {
    assert.equal((await client.create(processes, program("a"))).spec.replicas, 1);
    const generated = { ...map("x"), metadata: { namespace: "default", generateName: "job-" } } as unknown as ConfigMap;
    assert.match((await client.create(configMaps, generated)).metadata.name, /^job-[a-z0-9]{5}$/);
  });

  it("tries without doing", async () => {
    const tried = await client.create(configMaps, map("a"), { dryRun: true });
    assert.equal(tried.metadata.name, "a");
    assert.deepEqual(await names({}), []);
    const made = await client.create(configMaps, map("a", { k: "v" }));
    assert.deepEqual((await client.update(configMaps, { ...made, data: {} }, { dryRun: true })).data ?? {}, {});
    assert.equal(await client.delete(configMaps, "default/a", { dryRun: true }), undefined);
    assert.deepEqual((await client.get(configMaps, "default/a")).data, { k: "v" });
  });

  it("takes the name of a field manager, and a write is the same with one or without", async () => {
    const made = await client.create(configMaps, map("a", { k: "v" }), { fieldManager: "somebody" });
    const same = await client.update(configMaps, made, { fieldManager: "another" });
    assert.equal(same.metadata.resourceVersion, made.metadata.resourceVersion);
  });

  it("applies a JSON patch whole or not at all", async () => {
    await client.create(configMaps, map("a", { k: "v" }));
    const test = { op: "test", path: "/data/k", value: "v" } as const;
    const add = { op: "add", path: "/data/l", value: "w" } as const;
    const patched = await client.patch(configMaps, "default/a", { type: "json", body: [test, add] });
    assert.deepEqual(patched.data, { k: "v", l: "w" });
    const remove = { op: "remove", path: "/data/k" } as const;
    await statusError(client.patch(configMaps, "default/a", { type: "json", body: [remove, test] }));
    assert.deepEqual((await client.get(configMaps, "default/a")).data, { k: "v", l: "w" });
  });

  it("scales through the subresource, and answers with it", async () => {
    await client.create(processes, program("a"));
    const body = { spec: { replicas: 4 } };
    const scale = await client.patch(processes, "default/a", { type: "merge", body }, { subresource: "scale" });
    assert.deepEqual([scale.kind, scale.spec.replicas], ["Scale", 4]);
    assert.equal((await client.get(processes, "default/a")).spec.replicas, 4);
  });

  it("replaces only what was read: an update names the revision it was made from", async () => {
    const made = await client.create(configMaps, map("a"));
    await client.update(configMaps, { ...made, data: { k: "1" } });
    const error = await statusError(client.update(configMaps, { ...made, data: { k: "2" } }));
    assert.ok(isConflict(error));
    assert.match(error.message, /^Operation cannot be fulfilled on configmaps "a": the object has been modified/);
  });

  it("keeps what is not in a namespace apart, and knows none that is not there", async () => {
    const made = await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    assert.deepEqual(await client.get(namespaces, "other"), made);
    const lost = await statusError(client.create(configMaps, map("a", {}, { namespace: "nowhere" })));
    assert.deepEqual([lost.reason, lost.message], ["NotFound", 'namespaces "nowhere" not found']);
  });

  it("puts what names no namespace into default", async () => {
    const { namespace: _, ...metadata } = map("a").metadata;
    const made = await client.create(configMaps, { ...map("a"), metadata });
    assert.equal(made.metadata.namespace, "default");
    const updated = await client.update(configMaps, { ...made, data: { k: "v" }, metadata });
    assert.deepEqual([updated.metadata.uid, updated.data], [made.metadata.uid, { k: "v" }]);
  });

  it("hears of changes into and out of a selection as ADDED and DELETED", async () => {
    const made = await client.create(configMaps, map("a", {}, { labels: { in: "no" } }));
    const { resourceVersion } = made.metadata;
    const events = watching(
      client.watch(configMaps, { resourceVersion, labelSelector: "in=yes", signal: abort.signal }),
    );
    const patch = (value: string) =>
      client.patch(configMaps, "default/a", { type: "merge", body: { metadata: { labels: { in: value } } } });
    const { metadata: inside } = await patch("yes");
    assert.equal(await events.next(), `ADDED a@${inside.resourceVersion}`);
    const { metadata: outside } = await patch("no");
    assert.equal(await events.next(), `DELETED a@${outside.resourceVersion}`);
  });

  it("gets a bookmark every minute when it asked for them, and can go on from there", async () => {
    const { resourceVersion } = (await client.create(configMaps, map("a"))).metadata;
    const options = { resourceVersion, namespace: "nowhere", signal: abort.signal };
    const events = watching(client.watch(configMaps, { ...options, bookmarks: true }));
    const next = events.next();
    const { metadata } = await client.create(configMaps, map("elsewhere"));
    let told: string | undefined;
    void next.then((one) => {
      told = one;
    });
    // A minute begins when the server has begun the watch.
    for (let tries = 0; tries < 1_000 && told === undefined; tries++) await subject.clock.advanceAsync(BOOKMARK_MS);
    assert.equal(told, `BOOKMARK ${metadata.resourceVersion}`);
    const from = watching(client.watch(configMaps, { ...options, resourceVersion: metadata.resourceVersion }));
    abort.abort();
    assert.equal(await from.next(), "end");
  });

  it("does not wait for a revision that has not happened", async () => {
    const events = watching(client.watch(configMaps, { resourceVersion: "999999999", signal: abort.signal }));
    const error = await statusError(events.next());
    assert.deepEqual([error.reason, error.code], ["Timeout", 504]);
    const bad = watching(client.watch(configMaps, { resourceVersion: "x", signal: abort.signal }));
    assert.equal((await statusError(bad.next())).code, 400);
  });

  it("does nothing for whoever has given up already, and says why", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const { resourceVersion: _, ...made } = (await client.create(configMaps, map("a"))).metadata;
    for (const refused of [
      client.get(configMaps, "default/a", { signal }),
      client.list(configMaps, { signal }),
      client.create(configMaps, map("b"), { signal }),
      client.update(configMaps, { ...map("a"), metadata: { ...map("a").metadata, uid: made.uid } }, { signal }),
      client.patch(configMaps, "default/a", { type: "merge", body: {} }, { signal }),
      client.delete(configMaps, "default/a", { signal }),
    ]) {
      await assert.rejects(refused, /enough/);
    }
    assert.deepEqual(await names({}), ["a"]);
  });
}
