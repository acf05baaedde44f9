import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { instances, type Resource } from "../../../api/scheme.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { relatedIn } from "../../../apiserver/registry/related-objects.ts";
import { type Desk, instance, kindNamed, openDesk, process } from "../fixtures.ts";

const { related } = kindNamed("Process");

async function made({ registry }: Desk, name: string, owner?: string, index = 0): Promise<Stored> {
  const body = instance(name, owner === undefined ? {} : { labels: { "wctl.dev/process": owner } });
  Object.assign(body.spec as object, { index });
  return (await registry.create(instances as Resource, "default", body, {})).object;
}

const namesOf = (objects: readonly Stored[]): string[] => objects.map(({ metadata }) => metadata.name);

describe("what belongs to an Object", () => {
  it("is found by whom it names, and belongs to nobody else", async () => {
    const desk = await openDesk();
    const relatedTo = relatedIn(desk.store, related!);
    for (const name of ["web-0", "web-1"]) await made(desk, name, "web");
    await made(desk, "api-0", "api");
    await made(desk, "alone");
    for (let turn = 0; turn < 2; turn++) {
      assert.deepEqual(namesOf(relatedTo(process("web") as Stored)), ["web-0", "web-1"]);
      assert.deepEqual(namesOf(relatedTo(process("api") as Stored)), ["api-0"]);
    }
    assert.deepEqual(relatedTo(process("none") as Stored), []);
    assert.deepEqual(relatedTo(process("web", {}, { namespace: "other" }) as Stored), []);
  });

  it("is as it is now: what comes, changes and goes is seen at once", async () => {
    const desk = await openDesk();
    const relatedTo = relatedIn(desk.store, related!);
    const web = process("web") as Stored;
    assert.deepEqual(relatedTo(web), []);
    const one = (await made(desk, "web-0", "web")) as Stored<Instance>;
    assert.deepEqual(relatedTo(web), [one]);
    const changed = await desk.client.updateStatus(instances, { ...one, status: { phase: "Ready", pid: 7 } });
    assert.deepEqual(relatedTo(web), [changed]);
    await desk.store.delete("wctl.dev/instances/default/web-0", Number(changed.metadata.resourceVersion));
    assert.deepEqual(relatedTo(web), []);
  });

  it("is looked through twice at most, however many ask before something is written", async () => {
    const desk = await openDesk();
    await made(desk, "web-0", "web");
    let looks = 0;
    const relatedTo = relatedIn(desk.store, {
      ...related!,
      keyOf: (other) => {
        looks++;
        return related!.keyOf(other);
      },
    });
    const web = process("web") as Stored;
    for (let turn = 0; turn < 100; turn++) assert.deepEqual(namesOf(relatedTo(web)), ["web-0"], `asked ${turn} times`);
    assert.equal(looks, 2);
    await made(desk, "web-1", "web", 1);
    assert.deepEqual(namesOf(relatedTo(web)), ["web-0", "web-1"]);
    assert.equal(looks, 4);
  });
});

describe("the row of a Process", () => {
  it("follows its copies although it is kept itself", async () => {
    const desk = await openDesk();
    const web = (await desk.registry.create(kindNamed("Process").resource, "default", process("web"), {})).object;
    const { columns, begin } = desk.registry.at(kindNamed("Process").resource).table!;
    const at = columns.findIndex(({ name }) => name === "Pid");
    const pid = (): unknown => JSON.parse(`[${begin()(web)}]`)[at];
    assert.equal(pid(), "<none>");
    const one = (await made(desk, "web-0", "web")) as Stored<Instance>;
    await desk.client.updateStatus(instances, { ...one, status: { phase: "Ready", pid: 7 } });
    assert.equal(pid(), "7");
    const two = (await made(desk, "web-1", "web", 1)) as Stored<Instance>;
    await desk.client.updateStatus(instances, { ...two, status: { phase: "Ready", pid: 8 } });
    assert.equal(pid(), "7,8");
  });
});
