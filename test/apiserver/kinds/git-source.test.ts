import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { clusterRoles, gitSources, roleBindings, roles } from "../../../api/scheme.ts";
import type { GitSource, GitSourceSpec } from "../../../api/types.generated.ts";
import { gitSourceKind } from "../../../apiserver/kinds/git-source.ts";
import { validateCreate } from "../../../apiserver/kinds/validation.ts";
import type { LocalClient } from "../../../apiserver/local-client.ts";
import { type Desk, kindNamed, openDesk } from "../fixtures.ts";
import { localClients } from "../local-clients.ts";

const NODE = ["$", "{node.name}"].join("");
const url = "https://git.example.com/ops/fleet.git";
const source = (spec: object = {}, name = "fleet") =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name, namespace: "default" },
    spec: { url, ...spec },
  }) as unknown as GitSource;
const faults = (spec: object): string[] =>
  validateCreate(kindNamed("GitSource"), source(spec)).map(({ field }) => field);

describe("the rules of a GitSource", () => {
  it("let through what is meant", () => {
    const specs: object[] = [
      {},
      { url: "https://[::1]:8443/x.git" },
      ...["main", "release/1.x", "a-b_c.d"].map((branch) => ({ ref: { branch } })),
      { ref: { tag: "v1.2.3" } },
      { ref: { semver: ">=1.2.0 <2.0.0" } },
      { ref: { commit: "a".repeat(40) } },
      { ref: {} },
      ...[".", `hosts/${NODE}`, NODE, "a b/ä", "a..b/.hidden"].map((path) => ({ path })),
      { interval: "5s", timeout: "1s" },
      { interval: "24h" },
      { limits: { bytes: "256Mi", files: 1 } },
      ...[0, 3, "0%", "100%", "30%"].map((maxDisruption) => ({ maxDisruption })),
      { webhook: { type: "GitHub", secretRef: { name: "hook" } } },
      { dependsOn: [] },
      { dependsOn: [{ name: "base" }, { name: "base", namespace: "ops" }, { name: "fleet", namespace: "ops" }] },
    ];
    for (const spec of specs) assert.deepEqual(faults(spec), [], JSON.stringify(spec));
  });

  it("refuse every other way to another machine, file or program", () => {
    const urls = [
      "http://git.example.com/x.git",
      "git://git.example.com/x.git",
      "file:///etc",
      "/srv/x.git",
      "ext::sh -c id",
      "https://user@git.example.com/x.git",
      "https://git.example.com/",
      "https://git.example.com/x?y",
      "--upload-pack=id",
      "C:\\x.git",
      "\\\\server\\share",
      "https://git.example.com/x y",
      "https://git.example.com/x\n.git",
      "https:\\\\git.example.com\\x.git",
      " https://git.example.com/x.git",
    ];
    for (const one of urls) assert.deepEqual(faults({ url: one }), ["spec.url"], one);
    for (const path of ["/etc", "..", "a/../../b", "a\\b", NODE.replace("node", "other"), NODE.slice(0, -1), "a\nb"])
      assert.deepEqual(faults({ path }), ["spec.path"], path);
    for (const branch of ["-x", "a..b", "a b", "@{u}", "x.lock", "a/", ".a", "a\nb", "@", "a:b"])
      assert.deepEqual(faults({ ref: { branch } }), ["spec.ref.branch"], branch);
    assert.deepEqual(faults({ path: `\${SITE}` }), ["spec.path"], "without spec.substitute");
    assert.deepEqual(faults({ path: `\${SITE}`, substitute: {} }), []);
    assert.deepEqual(faults({ path: `\${A-Z}`, substitute: {} }), ["spec.path"]);
    assert.deepEqual(faults({ ref: { tag: "-x" } }), ["spec.ref.tag"]);
    assert.deepEqual(faults({ ref: { semver: "newest" } }), ["spec.ref.semver"]);
    assert.deepEqual(faults({ ref: { branch: "main", tag: "v1" } }), ["spec.ref"]);
  });

  it("never repeat a password that stands in a URL", () => {
    for (const one of ["https://bot:hunter2@git.example.com/x.git", "https://hunter2@git.example.com/x.git"]) {
      const found = validateCreate(kindNamed("GitSource"), source({ url: one }));
      assert.deepEqual([found.length, JSON.stringify(found).includes("hunter2")], [1, false]);
    }
  });

  it("have each source depend on others, on each once", () => {
    const named = (...dependsOn: object[]): string[] => faults({ dependsOn });
    assert.deepEqual(named({ name: "fleet" }), ["spec.dependsOn[0].name"]);
    assert.deepEqual(named({ name: "base" }, { name: "fleet", namespace: "default" }), ["spec.dependsOn[1].name"]);
    assert.deepEqual(named({ name: "base" }, { name: "base", namespace: "default" }), ["spec.dependsOn[1]"]);
    assert.deepEqual(named({ name: "Base", namespace: "a.b" }), [
      "spec.dependsOn[0].name",
      "spec.dependsOn[0].namespace",
    ]);
  });

  it("bound times, sizes and shares", () => {
    const specs: [object, string][] = [
      [{ interval: "4s" }, "spec.interval"],
      [{ interval: "25h" }, "spec.interval"],
      [{ timeout: "999ms" }, "spec.timeout"],
      [{ healthTimeout: "999ms" }, "spec.healthTimeout"],
      [{ healthTimeout: "25h" }, "spec.healthTimeout"],
      [{ limits: { bytes: "257Mi" } }, "spec.limits.bytes"],
      [{ limits: { bytes: "much" } }, "spec.limits.bytes"],
      [{ limits: { bytes: 0 } }, "spec.limits.bytes"],
      [{ maxDisruption: "101%" }, "spec.maxDisruption"],
      [{ maxDisruption: -1 }, "spec.maxDisruption"],
      [{ maxDisruption: "some" }, "spec.maxDisruption"],
    ];
    for (const [spec, field] of specs) assert.deepEqual(faults(spec), [field], JSON.stringify(spec));
  });
});

describe("the annotation by which a GitSource goes back", () => {
  const back = (annotations: Record<string, string>, suspend: boolean) => {
    const one = source({ suspend }, "back");
    return { ...one, metadata: { ...one.metadata, annotations } };
  };
  const name = "wctl.dev/rollback-to";

  it("is a whole commit", () => {
    const kind = kindNamed("GitSource");
    for (const commit of ["main", "abcdef0", "A".repeat(40), ""]) {
      const [fault, ...others] = validateCreate(kind, back({ [name]: commit }, true));
      assert.deepEqual([fault?.field, others], [`metadata.annotations[${name}]`, []], commit);
    }
    assert.deepEqual(validateCreate(kind, back({ [name]: "a".repeat(40) }, true)), []);
  });

  it("is told of as left out to whoever writes it in vain, and not to whoever resumes", () => {
    const warns = (current: object, next: object) =>
      gitSourceKind.prepareForUpdate?.(next as never, current as never, { user: undefined });
    const asked = { [name]: "a".repeat(40) };
    assert.match(
      warns(back({}, false), back(asked, false)) ?? "",
      /wctl\.dev\/rollback-to is left out: it counts only beside spec\.suspend: true/,
    );
    assert.equal(warns(back(asked, true), back(asked, false)), undefined);
    assert.equal(warns(back({}, true), back(asked, true)), undefined);
  });

  it("goes with the suspension, whoever ends that, and does not come without one", async (t) => {
    const { client, store } = await openDesk();
    t.after(() => store.close());
    const key = "default/back";
    const kept = async () => (await client.get(gitSources, key)).metadata.annotations;
    await client.create(gitSources, back({ [name]: "a".repeat(40) }, false));
    assert.equal(await kept(), undefined);
    const patch = (body: object) => client.patch(gitSources, key, { type: "merge", body });
    await patch({ metadata: { annotations: { [name]: "a".repeat(40), other: "stays" } } });
    assert.deepEqual(await kept(), { other: "stays" });
    await patch({ spec: { suspend: true }, metadata: { annotations: { [name]: "a".repeat(40) } } });
    assert.deepEqual(await kept(), { other: "stays", [name]: "a".repeat(40) });
    await patch({ spec: { suspend: false } });
    assert.deepEqual(await kept(), { other: "stays" });
  });
});

describe("the columns of a GitSource", () => {
  const cells = (object: GitSource) =>
    (gitSourceKind.columns ?? []).flatMap((column) =>
      column.cell ? [[column.name, column.cell(object as Stored<GitSource>, {} as never)]] : [],
    );

  it("say how it is before and after it was looked at", () => {
    assert.deepEqual(cells(source()), [
      ["Ready", "Unknown"],
      ["Revision", ""],
      ["Message", ""],
    ]);
    const conditions = [
      {
        type: "Ready",
        status: "False",
        reason: "ManifestInvalid",
        message: "a.yaml:1: no\nmore",
        lastTransitionTime: "",
      },
    ];
    const status = { lastAppliedRevision: `main@sha1:${"12345678".repeat(5)}`, conditions };
    assert.deepEqual(cells({ ...source({ suspend: true }), status } as GitSource), [
      ["Ready", "False"],
      ["Revision", "main@sha1:1234567"],
      ["Message", "suspended; a.yaml:1: no"],
    ]);
  });
});

describe("who may write a GitSource", () => {
  let desk: Desk;
  let as: (name: string) => LocalClient;
  before(async () => {
    desk = await openDesk();
    const clientOf = localClients(desk.registry);
    as = (name) => clientOf({ name, groups: ["system:authenticated"] });
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const rule = (group: string, resources: string[], verbs: string[], names: string[] = []) => ({
      apiGroups: [group],
      resources,
      verbs,
      ...(names.length > 0 ? { resourceNames: names } : {}),
    });
    const write = rule("wctl.dev", ["gitsources"], ["get", "create", "update", "patch"]);
    const grants: Record<string, object[]> = {
      writer: [write],
      reader: [write, rule("", ["secrets"], ["get"], ["auth", "hook"])],
      actor: [write, rule("", ["serviceaccounts"], ["impersonate"], ["robot"])],
    };
    for (const [name, rules] of Object.entries(grants)) {
      const metadata = { name, namespace: "default" };
      await desk.client.create(roles, { apiVersion, kind: "Role", metadata, rules } as never);
      await desk.client.create(roleBindings, {
        apiVersion,
        kind: "RoleBinding",
        metadata,
        subjects: [{ kind: "User", name }],
        roleRef: { kind: "Role", name },
      } as never);
    }
  });
  after(() => desk.store.close());

  const message = async (asked: Promise<unknown>): Promise<string> => {
    const error = await asked.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof StatusError, "it was refused");
    return `${error.code} ${error.message}`;
  };
  const body = (spec: object) => ({ type: "merge", body: { spec } }) as const;
  const named: [field: string, spec: Partial<GitSourceSpec>][] = [
    ["secretRef", { secretRef: { name: "auth" } }],
    ["webhook.secretRef", { webhook: { type: "GitHub", secretRef: { name: "hook" } } }],
  ];

  for (const [at, [field, spec]] of named.entries())
    it(`names in ${field} only a Secret that he may read`, async () => {
      const one = source(spec, `named-${at}`);
      assert.match(
        await message(as("writer").create(gitSources, one)),
        new RegExp(
          `^403 .*User "writer" cannot get secrets "(auth|hook)" in the namespace "default": spec\\.${field} says`,
        ),
      );
      await as("reader").create(gitSources, one);
    });

  it("is asked again when he says to whom such a Secret is sent, and not when he says nothing of it", async () => {
    await desk.client.create(gitSources, source({ secretRef: { name: "auth" } }, "sent"));
    const elsewhere = body({ url: "https://evil.example.com/x.git" });
    assert.match(await message(as("writer").patch(gitSources, "default/sent", elsewhere)), /^403 .*get secrets "auth"/);
    const look = { type: "merge", body: { metadata: { annotations: { "wctl.dev/reconcile-at": "now" } } } } as const;
    await as("writer").patch(gitSources, "default/sent", look);
    await as("reader").patch(gitSources, "default/sent", elsewhere);
  });

  it("is asked again when he has it go back to another commit, which is other content", async () => {
    const annotated = (commit: string | null) =>
      ({ type: "merge", body: { metadata: { annotations: { "wctl.dev/rollback-to": commit } } } }) as const;
    const key = "default/back";
    await desk.client.create(gitSources, source({ secretRef: { name: "auth" }, suspend: true }, "back"));
    assert.match(
      await message(as("writer").patch(gitSources, key, annotated("a".repeat(40)))),
      /^403 .*get secrets "auth"/,
    );
    await as("reader").patch(gitSources, key, annotated("a".repeat(40)));
    await as("writer").patch(gitSources, key, annotated(null));
    assert.equal((await desk.client.get(gitSources, key)).metadata.annotations?.["wctl.dev/rollback-to"], undefined);
  });

  it("names only a ServiceAccount that he may act as, and nobody else says what that one applies", async () => {
    const robot = source({ serviceAccountName: "robot" }, "acts");
    assert.match(
      await message(as("writer").create(gitSources, robot)),
      /^403 .*User "writer" cannot impersonate serviceaccounts "robot" in the namespace "default": spec\.serviceAccountName says/,
    );
    await as("actor").create(gitSources, robot);
    for (const spec of [{ url: `${url}x` }, { path: "mine" }, { ref: { branch: "mine" } }, { targetNamespace: "kube" }])
      assert.match(await message(as("writer").patch(gitSources, "default/acts", body(spec))), /^403 .*impersonate/);
    await as("actor").patch(gitSources, "default/acts", body({ path: "x" }));
    assert.match(
      await message(as("actor").patch(gitSources, "default/acts", body({ serviceAccountName: "other" }))),
      /^403 .*impersonate serviceaccounts "other"/,
    );
  });

  it("has a source depend only on those that he may read", async () => {
    await as("writer").create(gitSources, source({ dependsOn: [{ name: "base" }] }, "here"));
    const there = source({ dependsOn: [{ name: "base", namespace: "ops" }] }, "there");
    assert.match(
      await message(as("writer").create(gitSources, there)),
      /^403 .*User "writer" cannot get gitsources "base" in the namespace "ops": spec\.dependsOn names/,
    );
    await desk.client.create(gitSources, there);
  });

  it("has it by the default roles: edit writes, view reads", async () => {
    const rulesOf = async (name: string) =>
      (await desk.client.get(clusterRoles, name)).rules?.filter(({ resources }) => resources?.includes("gitsources"));
    const [edit] = (await rulesOf("system:aggregate-to-edit")) ?? [];
    const [view] = (await rulesOf("system:aggregate-to-view")) ?? [];
    assert.deepEqual(edit?.verbs, ["create", "delete", "deletecollection", "patch", "update"]);
    assert.deepEqual(view?.verbs, ["get", "list", "watch"]);
  });
});
