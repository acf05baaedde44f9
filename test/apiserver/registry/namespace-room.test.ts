import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import { configMaps } from "../../../api/scheme.ts";
import {
  controllerIdentity,
  nodeIdentity,
  serviceAccountIdentity,
  sourceIdentity,
} from "../../../apiserver/authentication/identity.ts";
import { NamespaceRoom } from "../../../apiserver/registry/namespace-room.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { admin } from "../local-clients.ts";

const eve = { user: { name: "eve", groups: [] } };
const map = (name: string, kib: number, namespace = "a"): Stored =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { k: "x".repeat(kib * 1024) },
  }) as unknown as Stored;

function world(most: () => number | undefined = () => 100 * 1024) {
  const clock = new FakeClock(new Date());
  const stored = new Map<string, Stored>();
  const objectsIn = (namespace: string) =>
    [...stored.values()].filter(({ metadata }) => metadata.namespace === namespace);
  const room = new NamespaceRoom({ clock, objectsIn, most });
  const put = (object: Stored, context: object = eve) => {
    room.take(configMaps, context, object, stored.get(object.metadata.name));
    stored.set(object.metadata.name, object);
  };
  return { clock, stored, put };
}

describe("the room of a namespace", () => {
  it("ends, and what is deleted makes room again", () => {
    const { clock, stored, put } = world();
    put(map("a", 40));
    put(map("b", 40));
    assert.throws(() => put(map("c", 40)), {
      reason: "Forbidden",
      message:
        /^configmaps "c" is forbidden: exceeded quota: namespace, requested: memory=4\dKi, used: memory=8\dKi, limited: memory=100Ki$/,
    });
    put(map("d", 40, "b"));
    stored.delete("a");
    clock.advance(2_000);
    put(map("c", 40));
  });

  it("takes only what makes an Object smaller when it is full, and is asked of patches that grow", () => {
    const { put, clock } = world();
    put(map("a", 60));
    put(map("b", 10));
    assert.throws(() => put(map("b", 60)), { reason: "Forbidden" });
    put(map("much", 80), { user: admin });
    clock.advance(120_000);
    assert.throws(() => put(map("a", 60)), { reason: "Forbidden" }, "another content of the same size");
    put(map("a", 10));
  });

  it("is what the configuration says now, 256 MiB where it says nothing", () => {
    let most: number | undefined = 50 * 1024;
    const { put } = world(() => most);
    assert.throws(() => put(map("a", 60)), /limited: memory=50Ki$/);
    most = undefined;
    put(map("a", 60));
    most = 100 * 1024;
    assert.throws(() => put(map("b", 60)), /limited: memory=100Ki$/);
    most = undefined;
    assert.throws(() => put(map("b", 257 * 1024)), /limited: memory=256Mi$/);
  });

  it("is a bound for sources, in their own name or a ServiceAccount's", () => {
    for (const user of [sourceIdentity("a", "fleet"), serviceAccountIdentity("a", "robot")])
      assert.throws(() => world().put(map("big", 300), { user }), { reason: "Forbidden" });
  });

  it("is no bound for the administrator and parts of the daemon, and a dry run takes none", () => {
    const { put } = world();
    for (const user of [admin, controllerIdentity("process"), nodeIdentity("here")]) put(map("big", 300), { user });
    const other = world();
    for (let n = 0; n < 5; n++) other.put(map("dry", 60), { ...eve, dryRun: true });
  });
});
