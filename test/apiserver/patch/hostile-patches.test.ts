import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Patch } from "../../../api/client.ts";
import { StatusError } from "../../../api/errors.ts";
import { processes, type Resource } from "../../../api/scheme.ts";
import { repeats } from "../../repeats.ts";
import { hostileManifest } from "../admission/hostile-manifests.ts";
import { openDesk, process } from "../fixtures.ts";

const PATCHES = repeats(2_000);
const all = processes as Resource;

const token = fc.constantFrom(
  "spec",
  "metadata",
  "status",
  "labels",
  "env",
  "0",
  "-",
  "command",
  "args",
  "name",
  "replicas",
  "__proto__",
  "constructor",
  "finalizers",
  "livenessProbe",
  "x~1y",
);
const pointer = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => `/${tokens.join("/")}`);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom("/bin/x", "x.bat", "a\u0000", "\ud800", -0, Number.MAX_VALUE, null),
);
const operation = fc.record(
  { op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"), path: pointer, from: pointer, value },
  { requiredKeys: ["op", "path"] },
);
/** A patch, or what somebody took for one. */
const patch = fc.oneof(
  fc.array(operation, { maxLength: 5 }).map((body) => ({ type: "json", body }) as unknown as Patch),
  fc
    .tuple(fc.integer(), fc.nat({ max: 6 }))
    .map(([seed, mutations]) => ({ type: "merge", body: hostileManifest(all, seed, mutations) }) as Patch),
  fc.dictionary(token, fc.dictionary(token, value), { maxKeys: 3 }).map((body) => ({ type: "merge", body }) as Patch),
);
const subresource = fc.constantFrom(undefined, "status", "scale");

describe("patches", () => {
  it(`${PATCHES} hostile ones are applied or refused with a 4xx, and reach nothing but their Object`, async (t) => {
    const desk = await openDesk();
    const control = await desk.client.create(processes, process("control", { args: ["untouched"] }));
    const text = JSON.stringify(control);
    const prototype = Object.getOwnPropertyNames(Object.prototype).join();
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(patch, subresource, async (body, part) => {
        const revision = desk.store.revision;
        await desk.registry.create(all, "default", process("web"), {}).catch(() => {});
        try {
          await desk.registry.patch(all, "default/web", body, part === undefined ? {} : { subresource: part });
          applied++;
        } catch (error) {
          assert.ok(error instanceof StatusError && error.code >= 400 && error.code < 500, String(error));
        }
        assert.ok(desk.store.revision <= revision + 2);
        const stored = await desk.registry.get(all, "default/web");
        assert.deepEqual([stored.metadata.name, stored.metadata.namespace, stored.kind], ["web", "default", "Process"]);
      }),
      { numRuns: PATCHES },
    );
    assert.ok(applied > PATCHES / 20);
    t.diagnostic(`${applied} applied`);
    assert.equal(JSON.stringify(await desk.registry.get(all, "default/control")), text);
    assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), prototype);
    await desk.store.close();
  });
});
