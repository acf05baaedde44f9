import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { DiffOptions, SourceChange, SourceDiff } from "../../../../../api/git/source-diff.ts";
import type { Stored } from "../../../../../api/object.ts";
import { configMaps, gitSources, type Resource, secrets } from "../../../../../api/scheme.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk } from "../../desk.ts";

const kept = (kind: string, name: string, value: string): Stored =>
  ({ apiVersion: "v1", kind, metadata: { name, namespace: "default" }, data: { value } }) as unknown as Stored;
const map = (name: string, value: string): Stored => kept("ConfigMap", name, value);

describe("wctl diff gitsource/NAME", () => {
  let desk: Desk;
  let answer: SourceDiff;
  let asked: DiffOptions[] = [];
  const where = (name: string, resource: unknown = configMaps) => ({
    resource: resource as Resource,
    namespace: "default",
    name,
    file: `${name}.yaml`,
  });
  const changes = (): SourceChange[] => [
    { action: "Create", ...where("a"), line: 3, after: map("a", "1") },
    { action: "Configure", ...where("b"), line: 1, before: map("b", "1"), after: map("b", "2") },
    { action: "Prune", ...where("c"), namespace: "shop", before: map("c", "1") },
    { action: "Release", ...where("d"), before: map("d", "1") },
  ];
  before(async () => {
    const diffs = {
      async diffOf(_source: unknown, options: DiffOptions): Promise<SourceDiff> {
        asked.push(options);
        return answer;
      },
    };
    desk = await Desk.over(await TestServer.start({ diffs }));
    await desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace: "default" },
      spec: { url: "https://git.example.com/fleet.git" },
    });
  });
  beforeEach(() => {
    answer = { revision: `main@sha1:abcdef0${"1".repeat(33)}`, changes: [], findings: [] };
    asked = [];
  });
  after(() => desk.close());

  it("says of each object what would become of it, where that is declared, and what differs", async () => {
    answer = { ...answer, changes: changes() };
    const { code, out, err } = await desk.wctl("diff gitsource/fleet");
    assert.deepEqual([code, err], [1, ""]);
    assert.equal(
      out.replace(/^[-+ @].*\n/gm, ""),
      "gitsource.wctl.dev/fleet at main@sha1:abcdef0\nconfigmap/a created (a.yaml:3)\nconfigmap/b configured (b.yaml:1)\nconfigmap/c -n shop pruned (c.yaml)\nconfigmap/d released (d.yaml)\n",
    );
    assert.match(out, /\n--- LIVE\/v1\.ConfigMap\.default\.b\n/);
    assert.match(out, /\n- {2}value: "1"\n\+ {2}value: "2"\n/);
    assert.match((await desk.wctl("diff gitsource fleet", { isTTY: true })).out, /\x1b\[32m\+ {2}value: "2"\x1b\[0m/);
    assert.deepEqual(asked, [{}, {}]);
  });

  it("shows no value of a Secret", async () => {
    const [before, after] = [kept("Secret", "s", "b2xk"), kept("Secret", "s", "bmV3")];
    answer = { ...answer, changes: [{ action: "Configure", ...where("s", secrets), line: 1, before, after }] };
    const { out } = await desk.wctl("diff gitsource/fleet");
    assert.match(out, /\n- {2}value: "\*\*\* \(before\)"\n\+ {2}value: "\*\*\* \(after\)"\n/);
    assert.doesNotMatch(out, /b2xk|bmV3/);
  });

  it("exits with 0 when nothing would change, and looks at the commit that is named", async () => {
    const commit = "a".repeat(40);
    assert.deepEqual(await desk.wctl(`diff gitsource/fleet --commit ${commit}`), { code: 0, out: "", err: "" });
    assert.deepEqual(asked, [{ commit }]);
    const { code, err } = await desk.wctl("diff gitsource/fleet --commit 72ac4c4");
    assert.equal(code, 2);
    assert.match(err, /^error: gitsources\.wctl\.dev "fleet": no commit in its history begins with 72ac4c4/);
    const source = await desk.client.get(gitSources, "default/fleet");
    const history = [{ revision: `main@sha1:${commit}`, appliedAt: "2026-01-01T00:00:00Z" }];
    await desk.client.updateStatus(gitSources, { ...source, status: { history } });
    assert.equal((await desk.wctl("diff gitsource/fleet --commit=aaaaaaa")).code, 0);
    assert.deepEqual(asked.at(-1), { commit });
  });

  it("warns of what the revision waits for, and exits with 2 for what is wrong with it", async () => {
    const refused = { reason: "PruneRefused", message: "5 of 7 objects would be pruned at once" };
    answer = { ...answer, changes: changes(), findings: [refused] };
    const held = await desk.wctl("diff gitsource/fleet");
    assert.deepEqual([held.code, held.err], [1, "Warning: 5 of 7 objects would be pruned at once\n"]);
    const invalid = { reason: "ManifestInvalid", message: "web.yaml:4: spec.replicas: \x1b[31mno number" };
    answer = { ...answer, changes: [], findings: [invalid] };
    assert.deepEqual(await desk.wctl("diff gitsource/fleet"), {
      code: 2,
      out: "",
      err: "error: web.yaml:4: spec.replicas: ^[[31mno number\n",
    });
  });

  it("lets nothing of the repository look like words of ours, or move the cursor", async () => {
    const after = map("x\n+++ MERGED/evil\x1b[2J", "1");
    answer = { ...answer, changes: [{ action: "Create", ...where("x"), file: "a\x1b[2J\nb.yaml", line: 1, after }] };
    const { out } = await desk.wctl("diff gitsource/fleet");
    assert.doesNotMatch(out, /\x1b|^\+\+\+ MERGED\/evil/m);
    assert.match(out, /\nconfigmap\/x created \(a\^\[\[2J b\.yaml:1\)\n/);
  });

  it("wants one gitsource, and nothing that is about files", async () => {
    for (const line of [
      "diff gitsource/fleet -f web.yaml",
      "diff gitsource/fleet -l a=b",
      "diff gitsource/fleet gitsource/other",
      "diff process/web",
      "diff gitsources",
      "diff fleet",
      `diff -f web.yaml --commit ${"a".repeat(40)}`,
      "diff gitsource/gone",
    ]) {
      const { code, out, err } = await desk.wctl(line);
      assert.deepEqual([code, out], [2, ""], line);
      assert.match(err, /^error: |^Error from server \(NotFound\)/, line);
    }
    assert.deepEqual(asked, []);
  });
});
