import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { WatchEvent } from "../../../api/client.ts";
import { isExpired, StatusError } from "../../../api/errors.ts";
import { events, namespaces, nodes, processes, type Resource } from "../../../api/scheme.ts";
import { BOOKMARK_MS } from "../../../apiserver/registry/bookmarks.ts";
import { settle } from "../../lib/fake-clock.ts";
import { type Desk, object, openDesk, process } from "../fixtures.ts";

let desk: Desk;
let stop: AbortController;
beforeEach(async () => {
  desk = await openDesk();
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  return desk.store.close();
});

const made = (name: string, metadata: object = {}) => desk.client.create(processes, process(name, {}, metadata));
const label = (name: string, labels: object) =>
  desk.client.patch(processes, `default/${name}`, { type: "merge", body: { metadata: { labels } } });

const brief = (event: WatchEvent): string =>
  event.type === "BOOKMARK" ? `BOOKMARK ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`;

/** The next `count` events. */
async function take(watch: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  for await (const event of watch) if (seen.push(event) === count) break;
  return seen;
}

describe("watch", () => {
  const watch = (options: object = {}) => desk.client.watch(processes, { signal: stop.signal, ...options });

  it("shows every event after a revision, of one collection", async () => {
    const { metadata } = await made("a");
    const seen = take(watch({ resourceVersion: metadata.resourceVersion }), 3);
    await desk.registry.create(namespaces as Resource, undefined, object("Namespace", "lab"), {});
    await made("b", { namespace: "lab" });
    await label("a", { x: "y" });
    await desk.client.delete(processes, "default/a");
    assert.deepEqual((await seen).map(brief), ["ADDED b", "MODIFIED a", "DELETED a"]);
  });

  it("begins where it was asked for, not where it is first read", async () => {
    const events = watch({ namespace: "default" });
    await made("a");
    assert.deepEqual((await take(events, 1)).map(brief), ["ADDED a"]);
  });

  it("turns a change into the selection to ADDED, and one out of it to DELETED with the new revision", async () => {
    const seen = take(watch({ labelSelector: "on=yes" }), 3);
    await made("a");
    await label("a", { on: "yes" });
    await label("a", { other: "x" });
    const out = await label("a", { on: null });
    const all = await seen;
    assert.deepEqual(all.map(brief), ["ADDED a", "MODIFIED a", "DELETED a"]);
    const last = all[2];
    assert.ok(last?.type === "DELETED");
    assert.equal(last.object.metadata.labels?.on, "yes");
    assert.equal(last.object.metadata.resourceVersion, out.metadata.resourceVersion);
  });

  it("ends when it is aborted", async () => {
    const seen = take(watch(), 99);
    await made("a");
    await settle();
    stop.abort();
    assert.deepEqual((await seen).map(brief), ["ADDED a"]);
  });

  it("says that a revision is gone, or not there yet, where its reader listens", async () => {
    await made("a");
    await made("b");
    desk.store.compact(desk.store.revision);
    await assert.rejects(take(watch({ resourceVersion: "1" }), 1), isExpired);
    await assert.rejects(take(watch({ resourceVersion: "999" }), 1), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.code, error.details?.retryAfterSeconds], [504, 1]);
      assert.equal(error.details?.causes?.[0]?.reason, "ResourceVersionTooLarge");
      return true;
    });
    await assert.rejects(take(watch({ resourceVersion: "x" }), 1), { code: 400 });
    await assert.rejects(take(watch({ labelSelector: "a in" }), 1), { code: 400 });
  });

  it("tells a quiet reader how far the store has come, every minute", async () => {
    const watching = watch({ bookmarks: true });
    const seen = take(watching, 3);
    await settle();
    await desk.registry.create(namespaces as Resource, undefined, object("Namespace", "lab"), {});
    const { revision } = desk.store;
    await desk.clock.advanceAsync(BOOKMARK_MS);
    await settle();
    await desk.clock.advanceAsync(BOOKMARK_MS);
    await settle();
    await made("a");
    assert.deepEqual((await seen).map(brief), [`BOOKMARK ${revision}`, `BOOKMARK ${revision}`, "ADDED a"]);
    assert.equal(desk.clock.pending, 0);
  });
});

describe("list", () => {
  const list = (options: object = {}) => desk.registry.list(processes as Resource, options);

  it("fills its pages through a selector, in order, without gap or duplicate", async () => {
    for (let index = 0; index < 40; index++) {
      await made(`p-${String(index).padStart(2, "0")}`, { labels: { third: String(index % 3) } });
    }
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await list({ labelSelector: "third=1", limit: 4, continue: token });
      assert.ok(page.items.length <= 4);
      assert.equal(page.metadata.remainingItemCount, undefined);
      names.push(...page.items.map(({ metadata }) => metadata.name));
      token = page.metadata.continue;
    } while (token);
    assert.deepEqual(
      names,
      (await list({ labelSelector: "third=1" })).items.map(({ metadata }) => metadata.name),
    );
    assert.equal(names.length, 13);
    assert.equal((await list({ limit: 30 })).metadata.remainingItemCount, 10);
    assert.equal((await list()).metadata.resourceVersion, String(desk.store.revision));
  });

  it("selects by the fields that a kind names, and refuses others", async () => {
    await made("a");
    await made("b");
    const names = async (fieldSelector: string) =>
      (await list({ fieldSelector })).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(await names("metadata.name=a"), ["a"]);
    assert.deepEqual(await names("metadata.name!=a,metadata.namespace=default"), ["b"]);
    await assert.rejects(names("spec.replicas=1"), {
      code: 400,
      message: "field label not supported: spec.replicas (supported: metadata.name, metadata.namespace, status.phase)",
    });
    await assert.rejects(list({ labelSelector: "!!" }), { code: 400 });
  });

  it("knows the fields whose name is not their place", async () => {
    const event = object("Event", "e", { involvedObject: { name: "web" }, source: { component: "agent" } });
    await desk.registry.create(events as Resource, "default", event, {});
    await desk.registry.create(nodes as Resource, undefined, object("Node", "n"), {});
    const count = async (resource: unknown, fieldSelector: string) =>
      (await desk.registry.list(resource as Resource, { fieldSelector })).items.length;
    assert.equal(await count(events, "source=agent,involvedObject.name=web"), 1);
    assert.equal(await count(events, "involvedObject.uid=x"), 0);
    assert.equal(await count(nodes, "spec.unschedulable=false"), 1);
    await assert.rejects(count(nodes, "metadata.namespace=x"), { code: 400 });
  });
});
