import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { type Apply, applyConfiguration } from "../../../apiserver/apply/apply-configuration.ts";
import { pathsOf } from "../../../apiserver/apply/field-set.ts";
import { isSameManager, type Managers } from "../../../apiserver/apply/managers.ts";
import { managersAfterUpdate } from "../../../apiserver/apply/ownership.ts";
import { showPath } from "../../../apiserver/apply/path-element.ts";
import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import { repeats } from "../../repeats.ts";
import { Model, stepsOf, tableOfValue, type Value } from "./model.ts";
import { Random, randomSchema, randomValue } from "./random-objects.ts";

const SEQUENCES = repeats(100);
const STEPS = 12;
const now = "2026-01-01T00:00:00Z";
const NOBODY = "nobody";
const apiVersion = "example/v1";

/** What admission does to the nulls of what was taken away. */
function admitted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(admitted);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).map(([name, item]) => [name, admitted(item)] as const);
  const filled = kept.filter(([, item]) => item !== null && !(isObject(item) && Object.keys(item).length === 0));
  return filled.length === 0 ? null : Object.fromEntries(filled);
}

const pathsIn = (managers: Managers): Record<string, string[]> =>
  Object.fromEntries(
    managers.map((entry) => [
      `${entry.operation} ${entry.manager}`,
      [...pathsOf(entry.fieldsV1)].map((path) => path.join(" ")).sort(),
    ]),
  );

const pathsInModel = (model: Model): Record<string, string[]> =>
  Object.fromEntries(
    model.managers.map(({ name, operation, paths }) => [
      `${operation} ${name}`,
      [...paths].map((path) => stepsOf(path).join(" ")).sort(),
    ]),
  );

describe("server-side apply", () => {
  it(`does in ${SEQUENCES} random sequences of applies and updates what the slow model does`, (t) => {
    const seen = { applied: 0, refused: 0, updated: 0, unchanged: 0 };
    for (let run = 0; run < SEQUENCES; run++) {
      const seed = Math.floor(Math.random() * 2 ** 32);
      playSequence(new Random(seed), seen, `seed ${seed}`);
    }
    t.diagnostic(JSON.stringify(seen));
    for (const [what, count] of Object.entries(seen)) assert.ok(count > SEQUENCES / 10, `${what}: ${count}`);
  });
});

function playSequence(
  random: Random,
  seen: { applied: number; refused: number; updated: number; unchanged: number },
  seed: string,
): void {
  const schema = randomSchema(random);
  const model = new Model(schema);
  let live: JsonObject = {};
  let managers: Managers = [];
  for (let step = 0; step < STEPS; step++) {
    const where = `${seed}, step ${step}`;
    const name = random.of(["ann", "bob", "cid"]);
    const value = randomValue(random, schema) as JsonObject;
    if (random.below(3) === 0) {
      // A default is a change of which nobody is the owner.
      const by = random.below(3) === 0 ? NOBODY : name;
      const writer = { manager: by, operation: "Update", apiVersion } as const;
      const after = managersAfterUpdate(managers, { before: live, after: value, schema, writer, now });
      managers = after.filter(({ manager }) => manager !== NOBODY);
      model.update(by, value as Value);
      model.managers = model.managers.filter((one) => one.name !== NOBODY);
      live = value;
      seen.updated++;
    } else {
      const force = random.below(2) === 0;
      const writer = { manager: name, operation: "Apply", apiVersion } as const;
      const refused = model.apply(name, value as Value, force).map(({ path }) => showPath(stepsOf(path)));
      const apply = { live, managers, config: value, schema, writer, force, now };
      try {
        const result = applyConfiguration(apply);
        assert.deepEqual(refused, [], where);
        live = (admitted(result.merged) ?? {}) as JsonObject;
        managers = result.managers;
        seen.applied++;
        assertHolds(apply, live, managers, where);
        const again = applyConfiguration({ ...apply, live, managers });
        assert.deepEqual(admitted(again.merged) ?? {}, live, `${where}: the same again changes nothing`);
        assert.deepEqual(again.managers, managers, where);
        seen.unchanged++;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        assert.deepEqual(error.details?.causes?.map(({ field }) => field).sort(), refused.sort(), where);
        seen.refused++;
      }
    }
    assert.deepEqual(pathsIn(managers), pathsInModel(model), where);
    assert.deepEqual(new Map([...tableOfValue(live as Value, schema)].sort()), new Map([...model.table].sort()), where);
  }
}

/** What a user may rely on, whatever the model says. */
function assertHolds({ config, schema, writer }: Apply, live: JsonObject, managers: Managers, where: string): void {
  const there = tableOfValue(live as Value, schema);
  for (const [path, leaf] of tableOfValue(config as Value, schema)) {
    assert.deepEqual(there.get(path), leaf, `${where}: what is applied is there: ${path}`);
  }
  assert.ok(
    managers.some((entry) => isSameManager(entry, writer)),
    where,
  );
}
