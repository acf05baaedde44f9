import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OwnerReference, Stored } from "../../../../api/object.ts";
import type { Instance, RunAs } from "../../../../api/types.generated.ts";
import { type LaunchDefaults, launchSpec } from "../../../../controllers/instance/launch/launch-spec.ts";

const defaults: LaunchDefaults = { stopSignal: "CtrlC" };

function launched(runAs: RunAs | undefined, more: Partial<LaunchDefaults> = {}, password?: string) {
  const metadata = { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1" };
  const spec = { command: "/bin/true", index: 0, revision: "r", ...(runAs && { runAs }) };
  const instance = { apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec } as unknown as Stored<Instance>;
  return launchSpec(
    instance,
    1,
    { env: {}, args: [], ...(password !== undefined && { password }) },
    { ...defaults, ...more },
  );
}

describe("whom a workload is started as", () => {
  const passwordSecretRef = { name: "s", key: "k" };
  const cases: [
    what: string,
    RunAs | undefined,
    Partial<LaunchDefaults>,
    password: string | undefined,
    expected: unknown,
  ][] = [
    ["nobody in particular", undefined, {}, undefined, undefined],
    ["the default account of the configuration", undefined, { runAs: "svc" }, undefined, { account: "svc" }],
    ["the manifest's account before it", { account: "web" }, { runAs: "svc" }, undefined, { account: "web" }],
    [
      "the default account with restrictions",
      { integrityLevel: "Low" },
      { runAs: "svc" },
      undefined,
      { account: "svc", integrityLevel: "Low" },
    ],
    ["restrictions alone", { mitigations: ["NoWin32k"] }, {}, undefined, { mitigations: ["NoWin32k"] }],
    [
      "an account with its password, and never the reference",
      { account: "web", passwordSecretRef },
      {},
      "p",
      { account: "web", password: "p" },
    ],
    [
      "a session, whatever the default account is",
      { session: "Console" },
      { runAs: "svc" },
      undefined,
      { session: "Console" },
    ],
    ["a session by its number in a text", { session: "3" }, {}, undefined, { session: 3 }],
  ];
  for (const [what, runAs, more, password, expected] of cases) {
    it(what, () => assert.deepEqual(launched(runAs, more, password).runAs, expected));
  }

  it("as LocalSystem only by the word of the configuration", () => {
    assert.equal(launched(undefined).allowPrivileged, undefined);
    assert.equal(launched(undefined, { allowPrivileged: false }).allowPrivileged, undefined);
    assert.equal(launched(undefined, { allowPrivileged: true }).allowPrivileged, true);
  });
});

describe("whose copy a workload is", () => {
  const owner = { apiVersion: "wctl.dev/v1", kind: "Process", name: "web", uid: "p" };
  const owned = (ownerReferences: OwnerReference[]) => {
    const metadata = { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1", ownerReferences };
    const spec = { command: "/bin/true", index: 0, revision: "r" };
    const instance = { apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec } as unknown as Stored<Instance>;
    return launchSpec(instance, 1, { env: {}, args: [] }, defaults).copy.owner;
  };

  it("is told by its controller, and by nobody else among its owners", () => {
    const friend = { ...owner, uid: "f" };
    assert.equal(owned([friend, { ...owner, controller: true }]), "p");
    assert.equal(owned([friend]), "u");
    assert.equal(owned([]), "u");
  });

  it("says that it only stands in for others", () => {
    const labels = { "wctl.dev/stand-in": "true" };
    const ownerReferences = [{ ...owner, controller: true }];
    const metadata = { name: "web-2", namespace: "default", uid: "u", resourceVersion: "7", labels, ownerReferences };
    const spec = { command: "/bin/true", index: 2, revision: "r" };
    const instance = { apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec } as unknown as Stored<Instance>;
    const { copy } = launchSpec(instance, 1, { env: {}, args: [] }, defaults);
    assert.deepEqual(copy, {
      owner: "p",
      index: 2,
      namespace: "default",
      account: "default",
      process: "web",
      revision: 7,
      standIn: true,
    });
  });
});

describe("within which limits a workload is started", () => {
  type Resources = Instance["spec"]["resources"];
  const limited = (resources: Resources, limits?: LaunchDefaults["limits"]) => {
    const metadata = { name: "web-0", namespace: "default", uid: "u", resourceVersion: "1" };
    const spec = { command: "/bin/true", index: 0, revision: "r", ...(resources && { resources }) };
    const instance = { apiVersion: "wctl.dev/v1", kind: "Instance", metadata, spec } as unknown as Stored<Instance>;
    const launch = launchSpec(instance, 1, { env: {}, args: [] }, { ...defaults, limits });
    return [launch.limits, launch.defaultLimits];
  };
  const cases: [what: string, Resources, LaunchDefaults["limits"], limits: object, defaultLimits: string[]][] = [
    ["4096 processes when nobody says anything", undefined, undefined, { processes: 4096 }, ["processes"]],
    ["the manifest's", { limits: { processes: 9 } }, { processes: 64 }, { processes: 9 }, []],
    ["the configuration's", undefined, { processes: 64 }, { processes: 64 }, ["processes"]],
    [
      "each by itself",
      { limits: { memory: "1Gi" } },
      { cpu: "500m", memory: "2Gi" },
      { cpu: 0.5, memory: 2 ** 30, processes: 4096 },
      ["cpu", "processes"],
    ],
  ];
  for (const [what, resources, given, limits, defaultLimits] of cases) {
    it(what, () => assert.deepEqual(limited(resources, given), [limits, defaultLimits]));
  }
});
