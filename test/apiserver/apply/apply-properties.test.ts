import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import type { Schema } from "../../../apiserver/admission/schema.ts";
import { type Applied, type Apply, applyConfiguration } from "../../../apiserver/apply/apply-configuration.ts";
import { pathsOf } from "../../../apiserver/apply/field-set.ts";
import { isSameManager, type Manager, type Managers } from "../../../apiserver/apply/managers.ts";
import { managersAfterUpdate } from "../../../apiserver/apply/ownership.ts";
import { showPath } from "../../../apiserver/apply/path-element.ts";
import { applyJsonPatch } from "../../../apiserver/patch/json-patch.ts";
import { mergePatch } from "../../../apiserver/patch/merge-patch.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { repeats } from "../../repeats.ts";
import { Model, stepsOf, tableOfValue, type Value } from "./model.ts";
import { otherwiseWhole, Random, randomSchema, randomValue } from "./random-objects.ts";

const SEQUENCES = repeats(100);
const STEPS = 12;
const now = "2026-01-01T00:00:00Z";
const NOBODY = "nobody";
const apiVersion = "example/v1";
const OLD = "example/v0";

/** What admission does to what is null or empty, and to the nulls of what was taken away. */
function admitted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(admitted);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).map(([name, item]) => [name, admitted(item)] as const);
  const filled = kept.filter(([, item]) => item !== null);
  return filled.length === 0 ? null : Object.fromEntries(filled);
}

const keyOf = ({ operation, manager, apiVersion: version, subresource }: Manager): string =>
  [operation, nameOf({ manager, subresource }), operation === "Apply" || version === apiVersion ? "" : version].join(
    " ",
  );

/** Whoever writes through a subresource is somebody else. */
const nameOf = ({ manager, subresource }: { manager: string; subresource?: string | undefined }): string =>
  subresource ? `${manager}/${subresource}` : manager;

const pathsIn = (managers: Managers): Record<string, string[]> =>
  Object.fromEntries(
    managers.map((entry) => [keyOf(entry), [...pathsOf(entry.fieldsV1)].map((path) => path.join(" ")).sort()]),
  );

const pathsInModel = (model: Model): Record<string, string[]> =>
  Object.fromEntries(
    model.managers.map(({ name, operation, isServed, paths }) => [
      [operation, name, operation === "Apply" || isServed ? "" : OLD].join(" "),
      [...paths].map((path) => stepsOf(path).join(" ")).sort(),
    ]),
  );

const counted = ["applied", "refused", "updated", "patched", "unchanged", "said nothing", "served no more"] as const;
type Seen = Record<(typeof counted)[number] | "described anew", number>;

describe("server-side apply", () => {
  it(`does in ${SEQUENCES} random sequences of applies, updates and patches what the slow model does`, (t) => {
    const seen = { ...Object.fromEntries(counted.map((what) => [what, 0])), "described anew": 0 } as Seen;
    for (let run = 0; run < SEQUENCES; run++) {
      const seed = Math.floor(Math.random() * 2 ** 32);
      new Sequence(new Random(seed), seen, `seed ${seed}`).play();
    }
    t.diagnostic(JSON.stringify(seen));
    for (const [what, count] of Object.entries(seen)) assert.ok(count > SEQUENCES / 10, `${what}: ${count}`);
  });
});

/** One Object, and what several managers do to it. */
class Sequence {
  readonly #random: Random;
  readonly #seen: Seen;
  readonly #seed: string;
  #schema: Schema;
  readonly #model: Model;
  #live: JsonObject = {};
  #managers: Managers = [];

  constructor(random: Random, seen: Seen, seed: string) {
    this.#random = random;
    this.#seen = seen;
    this.#seed = seed;
    this.#schema = randomSchema(random);
    this.#model = new Model(this.#schema);
  }

  play(): void {
    for (let step = 0; step < STEPS; step++) {
      const where = `${this.#seed}, step ${step}`;
      if (this.#random.below(12) === 0) this.#describeAnew();
      if (this.#random.below(8) === 0) this.#serveNoMore();
      if (this.#random.below(3) === 0) this.#update();
      else this.#apply(where);
      assert.deepEqual(pathsIn(this.#managers), pathsInModel(this.#model), where);
      const there = tableOfValue(this.#live as Value, this.#schema);
      assert.deepEqual(new Map([...there].sort()), new Map([...this.#model.table].sort()), where);
    }
  }

  #describeAnew(): void {
    this.#schema = otherwiseWhole(this.#random, this.#schema);
    this.#model.describe(this.#schema, this.#live as Value);
    this.#seen["described anew"]++;
  }

  /** An entry that an older server left. */
  #serveNoMore(): void {
    const [entry] = this.#managers.filter(({ apiVersion: version }) => version !== OLD);
    if (!entry || this.#managers.some((one) => keyOf(one) === keyOf({ ...entry, apiVersion: OLD }) && one !== entry))
      return;
    this.#managers = this.#managers.map((one) => (one === entry ? { ...one, apiVersion: OLD } : one));
    const said = this.#model.managers.find(
      (one) => one.name === nameOf(entry) && one.operation === entry.operation && one.isServed,
    );
    assert.ok(said);
    said.isServed = false;
    this.#seen["served no more"]++;
  }

  #writer(): Pick<Manager, "manager" | "subresource"> {
    const manager = this.#random.of(["ann", "bob", "cid"]);
    return this.#random.below(4) === 0 ? { manager, subresource: "status" } : { manager };
  }

  #update(): void {
    const value = this.#patched() ?? (randomValue(this.#random, this.#schema) as JsonObject);
    // A default is a change of which nobody is the owner.
    const by = this.#random.below(3) === 0 ? { manager: NOBODY } : this.#writer();
    const writer = { ...by, operation: "Update", apiVersion } as const;
    const update = { before: this.#live, after: value, schema: this.#schema, writer, now };
    this.#managers = managersAfterUpdate(this.#managers, update).filter(({ manager }) => manager !== NOBODY);
    this.#model.update(nameOf(by), value as Value);
    this.#model.managers = this.#model.managers.filter((one) => one.name !== NOBODY);
    this.#live = value;
    this.#seen.updated++;
  }

  /** What a merge patch, or a JSON patch, makes of what is there. */
  #patched(): JsonObject | undefined {
    const kind = this.#random.below(3);
    if (kind === 0) return undefined;
    const said = randomValue(this.#random, this.#schema, true) as JsonObject;
    const operations = Object.entries(said).map(([name, value]) => ({ op: "add", path: `/${name}`, value }));
    const gone = Object.keys(this.#live)
      .slice(0, 1)
      .map((name) => ({ op: "remove", path: `/${name}` }));
    const patched =
      kind === 1 ? mergePatch(this.#live, said) : applyJsonPatch(this.#live, [...gone, ...operations.slice(0, 1)]);
    this.#seen.patched++;
    return (admitted(patched) ?? {}) as JsonObject;
  }

  #apply(where: string): void {
    const config = randomValue(this.#random, this.#schema, this.#random.below(3) === 0) as JsonObject;
    const force = this.#random.below(2) === 0;
    const by = this.#writer();
    const writer = { ...by, operation: "Apply", apiVersion } as const;
    const [live, managers, schema] = [this.#live, this.#managers, this.#schema];
    const refused = this.#model.apply(nameOf(by), config as Value, force).map(({ path }) => showPath(stepsOf(path)));
    const apply = { live, managers, config, schema, writer, force, now };
    let result: Applied;
    try {
      result = applyConfiguration(apply);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      assert.deepEqual(error.details?.causes?.map(({ field }) => field).sort(), refused.sort(), where);
      this.#seen.refused++;
      return;
    }
    assert.deepEqual(refused, [], where);
    this.#live = (admitted(result.merged) ?? {}) as JsonObject;
    this.#managers = result.managers;
    this.#seen.applied++;
    assertHolds(apply, this.#live, this.#managers, where);
    // What is null or empty is left out by admission, and added anew by the next apply.
    if (JSON.stringify(config) !== JSON.stringify(admitted(config))) {
      this.#seen["said nothing"]++;
      return;
    }
    const again = applyConfiguration({ ...apply, live: this.#live, managers: this.#managers });
    assert.deepEqual(admitted(again.merged) ?? {}, this.#live, `${where}: the same again changes nothing`);
    assert.deepEqual(again.managers, this.#managers, where);
    this.#seen.unchanged++;
  }
}

/** What a user may rely on, whatever the model says. */
function assertHolds({ config, schema, writer }: Apply, live: JsonObject, managers: Managers, where: string): void {
  const there = tableOfValue(live as Value, schema);
  for (const [path, leaf] of tableOfValue((admitted(config) ?? {}) as Value, schema)) {
    assert.deepEqual(there.get(path), leaf, `${where}: what is applied is there: ${path}`);
  }
  const owns = managers.some((entry) => isSameManager(entry, writer));
  assert.ok(owns || admitted(config) === null, where);
}
