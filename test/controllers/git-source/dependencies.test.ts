import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyOf, type Stored } from "../../../api/object.ts";
import type { GitSource, GitSourceSpec, GitSourceStatus } from "../../../api/types.generated.ts";
import { companionsOf, waitsFor, waitsForRevision } from "../../../controllers/git-source/dependencies.ts";

const is = (status: "True" | "False", message = "", reason = "Applied"): GitSourceStatus => ({
  observedGeneration: 2,
  conditions: [{ type: "Ready", status, reason, message, lastTransitionTime: "" }],
});

/** `namespace/name`, of generation 2. */
function aSource(key: string, dependsOn: string[] = [], status?: GitSourceStatus, spec: Partial<GitSourceSpec> = {}) {
  const split = (text: string) => text.split("/") as [string, string];
  const [namespace, name] = split(key);
  const metadata = { namespace, name, uid: key, generation: 2, resourceVersion: "1" };
  const named = dependsOn.map((one) => ({ namespace: split(one)[0], name: split(one)[1] }));
  const all = { url: "https://git.example.com/x.git", dependsOn: named, ...spec };
  return {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata,
    spec: all,
    ...(status && { status }),
  } as Stored<GitSource>;
}

/** What is said of the first of them. */
function said(...all: Stored<GitSource>[]): string | undefined {
  const byKey = new Map(all.map((one) => [keyOf(one), one]));
  const problem = waitsFor(all[0]!, { get: (key) => byKey.get(key) });
  assert.notEqual(problem?.worthRetrying, true, "it is woken: it need not try again");
  return problem && `${problem.reason}: ${problem.message}`;
}

describe("what a GitSource waits for", () => {
  const web = aSource("ops/web", ["ops/base"]);
  const suspended = { suspend: true };
  const table: [what: string, other: Stored<GitSource> | undefined, said: string | undefined][] = [
    ["one that is ready", aSource("ops/base", [], is("True")), undefined],
    ["one that is not there", undefined, "gitsource ops/base is not there"],
    ["one that is new", aSource("ops/base"), "gitsource ops/base is not ready: it was not applied yet"],
    [
      "one that is not ready",
      aSource("ops/base", [], is("False", "a.yaml:1: no\n(of main@sha1:1234567)")),
      "gitsource ops/base is not ready: a.yaml:1: no",
    ],
    [
      "one that was ready with an earlier spec",
      aSource("ops/base", [], { ...is("True"), observedGeneration: 1 }),
      "gitsource ops/base is not ready: its spec has changed, and is not applied yet",
    ],
    [
      "one that waits itself",
      aSource("ops/base", ["ops/root"], is("False", "gitsource ops/root is not there", "DependencyNotReady")),
      "gitsource ops/base is not ready: it waits for others itself",
    ],
    [
      "one that was ready when it was suspended",
      aSource("ops/base", [], { ...is("True"), observedGeneration: 1 }, suspended),
      undefined,
    ],
    [
      "one that was not ready when it was suspended",
      aSource("ops/base", [], is("False", "no route to host"), suspended),
      "gitsource ops/base is not ready: it is suspended; wctl resume gitsource/base -n ops",
    ],
    [
      "one that says a lot",
      aSource("ops/base", [], is("False", `\u001b[31m${"x".repeat(1000)}`)),
      `gitsource ops/base is not ready: \\x1b[31m${"x".repeat(191)}…`,
    ],
  ];
  for (const [what, other, message] of table)
    it(what, () => {
      const expected = message === undefined ? undefined : `DependencyNotReady: ${message}`;
      assert.equal(said(...(other ? [web, other] : [web])), expected);
    });

  it("nothing, when it depends on nothing, and its own namespace where none is named", () => {
    assert.equal(said(aSource("ops/web")), undefined);
    const short = { dependsOn: [{ name: "base" }] };
    assert.equal(said(aSource("ops/web", [], undefined, short), aSource("ops/base", [], is("True"))), undefined);
  });

  it("nobody, when it is rolled back", () => {
    const back = aSource("ops/web", ["ops/base"], undefined, suspended);
    back.metadata.annotations = { "wctl.dev/rollback-to": "1".repeat(40) };
    assert.equal(said(back), undefined);
  });

  it("every one that is not ready, some by number", () => {
    const names = ["ops/a", "ops/b", "ops/c", "ops/d", "ops/e", "ops/f"];
    assert.equal(
      said(aSource("ops/web", names), aSource("ops/b", [], is("True"))),
      "DependencyNotReady: gitsource ops/a is not there, gitsource ops/c is not there, gitsource ops/d is not there and 2 more",
    );
  });

  it("one of another namespace, without its words", () => {
    const status = is("False", "the password is hunter2");
    const across = aSource("apps/web", ["ops/base"]);
    for (const spec of [{}, suspended])
      assert.equal(
        said(across, aSource("ops/base", [], status, spec)),
        "DependencyNotReady: gitsource ops/base is not ready",
      );
    assert.equal(said(across, aSource("ops/base", [], is("True"))), undefined);
  });
});

describe("what a GitSource waits for with one revision", () => {
  const revision = { name: "main", commit: "1".repeat(40) };

  it("is told with the revision, and of another namespace without", () => {
    const problem = waitsForRevision(aSource("ops/web"), revision, ["ops/base", "apps/other"]);
    assert.deepEqual(
      [problem.reason, problem.message, problem.worthRetrying],
      [
        "DependencyNotReady",
        "gitsource ops/base is not ready: it has not applied main@sha1:1111111 yet, gitsource apps/other is not ready",
        false,
      ],
    );
  });

  it("is what follows the same ref of the same repository", () => {
    const status = { lastAppliedRevision: `main@sha1:${revision.commit}` };
    const others = [
      aSource("ops/same", [], status),
      aSource("ops/new", [], undefined, { ref: {} }),
      aSource("ops/branch", [], status, { ref: { branch: "main" } }),
      aSource("ops/elsewhere", [], status, { url: "https://git.example.com/y.git" }),
      aSource("ops/suspended", [], status, { suspend: true }),
      aSource("ops/nobody", [], status),
    ];
    const byKey = new Map(others.map((one) => [keyOf(one), one]));
    const names = ["same", "new", "branch", "elsewhere", "suspended", "gone"].map((name) => `ops/${name}`);
    assert.deepEqual(companionsOf(aSource("ops/web", names), { get: (key) => byKey.get(key) }), [
      ["ops/same", revision],
      ["ops/new", undefined],
    ]);
  });
});

describe("a cycle of GitSources", () => {
  const ready = is("True");

  it("is told, also while all of them are ready", () => {
    const path = (names: string) =>
      `DependencyCycle: spec.dependsOn forms a cycle: ${names}; none of them is applied before the others. Remove one of these dependencies`;
    assert.equal(said(aSource("ops/a", ["ops/a"], ready)), path("ops/a -> ops/a"));
    assert.equal(
      said(
        aSource("ops/a", ["ops/c", "ops/b"], ready),
        aSource("ops/b", ["ops/a"], ready),
        aSource("ops/c", [], ready),
      ),
      path("ops/a -> ops/b -> ops/a"),
    );
  });

  it("of others is not its own, and is no way without end", () => {
    assert.equal(
      said(
        aSource("ops/web", ["ops/a"]),
        aSource("ops/a", ["ops/b"], is("False", "spec.dependsOn forms a cycle", "DependencyCycle")),
        aSource("ops/b", ["ops/a"], ready),
      ),
      "DependencyNotReady: gitsource ops/a is not ready: spec.dependsOn forms a cycle",
    );
  });

  it("names none of another namespace that its source does not name", () => {
    const words = said(
      aSource("apps/web", ["ops/base"]),
      aSource("ops/base", ["secret/hidden"]),
      aSource("secret/hidden", ["apps/web"]),
    );
    assert.match(words ?? "", /: apps\/web -> ops\/base -> \(another namespace\) -> apps\/web;/);
  });

  it("is short to read and quick to find among thousands", () => {
    const size = 5000;
    const all = Array.from({ length: size }, (_, at) =>
      aSource(`ops/n${at}`, [`ops/n${(at + 1) % size}`, `ops/n${(at + 2) % size}`], ready),
    );
    assert.match(said(...all) ?? "", /: ops\/n0 -> (ops\/n\d+ -> ){8}\(\d+ more\) -> ops\/n0;/);
  });
});
