import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SourceAction, SourceChange } from "../../../api/git/source-diff.ts";
import type { KubeObject, Stored } from "../../../api/object.ts";
import { configMaps, type Resource, secrets } from "../../../api/scheme.ts";
import { shownDiff } from "../../../apiserver/registry/shown-diff.ts";

const content = (kind: string, name: string, value: string): Stored =>
  ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: "default", resourceVersion: value, managedFields: [] },
    data: { value },
  }) as unknown as Stored;

function change(
  action: SourceAction,
  name: string,
  resource: Resource = configMaps as unknown as Resource,
): SourceChange {
  const one = (value: string): Stored => content(resource.kind, name, value);
  return {
    action,
    resource,
    namespace: "default",
    name,
    file: "a.yaml",
    ...(action === "Create" ? {} : { before: one("b2xk") }),
    ...(action === "Prune" || action === "Release" ? {} : { line: 2, after: one("bmV3") }),
  };
}
const secret = (action: SourceAction, name: string): SourceChange =>
  change(action, name, secrets as unknown as Resource);
const all = (): boolean => true;
const noSecrets = ({ resource }: SourceChange): boolean => resource.kind !== "Secret";
const diff = (...changes: SourceChange[]) => ({ revision: "main@sha1:1", changes, findings: [] });

describe("what is shown of a diff", () => {
  it("is what changes, before and after, without bookkeeping", () => {
    const { changes, ...rest } = shownDiff(
      diff(change("Create", "a"), change("Configure", "b"), change("Unchanged", "c"), change("Prune", "d")),
      all,
    );
    assert.deepEqual(rest, { revision: "main@sha1:1", notCompared: [], findings: [] });
    const shown = (name: string, value: string): KubeObject & object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "default" },
      ...{ data: { value } },
    });
    const named = (name: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "default",
      name,
      file: "a.yaml",
    });
    assert.deepEqual(changes, [
      { action: "Create", ...named("a"), line: 2, after: shown("a", "bmV3") },
      { action: "Configure", ...named("b"), line: 2, before: shown("b", "b2xk"), after: shown("b", "bmV3") },
      { action: "Prune", ...named("d") },
    ]);
  });

  it("has no value of a Secret, whoever asks", () => {
    const changes = [secret("Create", "a"), secret("Configure", "b"), secret("Prune", "c"), secret("Release", "d")];
    const text = JSON.stringify(shownDiff(diff(...changes), all));
    assert.doesNotMatch(text, /b2xk|bmV3/);
    assert.match(text, /"\*\*\* \(before\)".*"\*\*\* \(after\)"/);
  });

  it("does not tell who may not read an object whether it holds what is declared", () => {
    const seen = (action: SourceAction) => shownDiff(diff(secret(action, "s")), noSecrets);
    assert.deepEqual(seen("Configure"), seen("Unchanged"));
    assert.deepEqual(seen("Configure").changes, []);
    assert.deepEqual(seen("Configure").notCompared, [
      { apiVersion: "v1", kind: "Secret", namespace: "default", name: "s" },
    ]);
    const [created] = seen("Create").changes;
    assert.deepEqual([created?.after, created?.withheld], [undefined, "Forbidden"]);
    assert.deepEqual(
      seen("Prune").changes.map(({ action, name }) => [action, name]),
      [["Prune", "s"]],
    );
  });

  it("is bounded: by objects, by what is shown of them, and by findings", () => {
    const many = Array.from({ length: 6 }, (_, at) => change("Configure", `m${at}`));
    const findings = Array.from({ length: 4 }, (_, at) => ({ reason: "ManifestInvalid", message: `m${at}` }));
    const limits = { changes: 4, findings: 2, characters: 500 };
    const shown = shownDiff({ changes: [secret("Configure", "s"), ...many], findings }, noSecrets, limits);
    assert.deepEqual(
      shown.changes.map(({ name, after, withheld }) => [name, after !== undefined, withheld]),
      [
        ["m0", true, undefined],
        ["m1", true, undefined],
        ["m2", false, "TooLarge"],
      ],
    );
    assert.deepEqual([shown.notCompared.length, shown.remainingChangeCount], [1, 3]);
    assert.deepEqual(
      shown.findings.map(({ message }) => message),
      ["m0", "m1", "and 2 more"],
    );
  });
});
