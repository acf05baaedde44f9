import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { gitSources } from "../../../../../api/scheme.ts";
import type { GitSourceStatus } from "../../../../../api/types.generated.ts";
import { eventually } from "../../../../eventually.ts";
import { Desk } from "../../desk.ts";

const [A, B] = ["a", "b"].map((digit) => digit.repeat(40)) as [string, string];
const key = "default/fleet";

describe("wctl rollback, suspend and resume", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());
  beforeEach(async () => {
    for (const { metadata } of (await desk.client.list(gitSources)).items)
      await desk.client.delete(gitSources, `default/${metadata.name}`);
    await desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace: "default" },
      spec: { url: "https://git.example.com/ops/fleet.git" },
    });
    await tell({});
  });

  const source = () => desk.client.get(gitSources, key);
  const asked = async () => {
    const { spec, metadata } = await source();
    return [spec.suspend ?? false, metadata.annotations?.["wctl.dev/rollback-to"]];
  };
  /** As the controller does it. */
  const tell = async (status: GitSourceStatus, isReady: "True" | "False" = "True", message = "applied") => {
    const conditions = [
      { type: "Ready", status: isReady, reason: "X", message, lastTransitionTime: "2026-01-01T00:00:00Z" },
    ];
    const history = [B, A].map((commit) => ({ revision: `main@sha1:${commit}`, appliedAt: "2026-01-01T00:00:00Z" }));
    const all = { lastAppliedRevision: `main@sha1:${B}`, history, conditions, ...status };
    await desk.client.updateStatus(gitSources, { ...(await source()), status: all });
  };
  /** What is asked for in one write of a verb that goes on. */
  const request = () =>
    eventually(async () => {
      const { spec, metadata } = await source();
      const at = metadata.annotations?.["wctl.dev/reconcile-at"];
      return at !== undefined && { at, suspend: spec.suspend, to: metadata.annotations?.["wctl.dev/rollback-to"] };
    }, "the source to be written");

  it("suspends, names the commit, and waits for the answer to this question and no other", async () => {
    await tell({ lastHandledReconcileAt: "before" }, "False", "an older problem");
    const running = desk.wctl("rollback gitsource/fleet");
    const { at, suspend, to } = await request();
    assert.deepEqual([suspend, to], [true, A]);
    await tell({ lastHandledReconcileAt: "between" }, "False", "another problem");
    const done = { lastHandledReconcileAt: at, lastAppliedRevision: `main@sha1:${A}` };
    await tell(done, "True", "rolled back to main@sha1:aaaaaaa");
    assert.deepEqual(await running, {
      code: 0,
      out: "gitsource.wctl.dev/fleet rolled back to main@sha1:aaaaaaa\n",
      err: "It is suspended now: 'wctl resume gitsource/fleet' follows the repository again.\n",
    });
  });

  it("says why the commit is not applied, or that the time is up", async () => {
    const running = desk.wctl(`rollback fleet --to=${"c".repeat(40)}`);
    const { at, to } = await request();
    assert.equal(to, "c".repeat(40));
    await tell({ lastHandledReconcileAt: at }, "False", "web.yaml:4: bad");
    const { code, out, err } = await running;
    assert.deepEqual([code, out], [1, ""]);
    assert.match(
      err,
      /^error: gitsources\.wctl\.dev "fleet": web\.yaml:4: bad\nIt is suspended, and goes back when it can/,
    );
    const late = await desk.wctl("rollback fleet --to=aaaaaaa --timeout=10ms");
    assert.equal(late.code, 1);
    assert.match(late.err, /^error: timed out waiting for gitsources\.wctl\.dev "fleet"\n/);
  });

  it("writes nothing where it finds no commit, or no source", async () => {
    const { code, err } = await desk.wctl("rollback fleet --to=1234567");
    assert.equal(code, 1);
    assert.match(
      err,
      /no commit in its history begins with 1234567.*\nSee 'wctl describe gitsource\/fleet' for its history/,
    );
    assert.deepEqual(await asked(), [false, undefined]);
    assert.match((await desk.wctl("rollback gitsource/ghost")).err, /gitsources\.wctl\.dev "ghost" not found/);
    assert.match((await desk.wctl("rollback process/web")).err, /wctl rollout pause\|resume\|undo/);
  });

  it("ends with resume, and with suspend, which leaves the source alone", async () => {
    const annotations = { "wctl.dev/rollback-to": A };
    const body = { spec: { suspend: true }, metadata: { annotations } };
    for (const [verb, isSuspended] of [
      ["resume", false],
      ["suspend", true],
    ] as const) {
      await desk.client.patch(gitSources, key, { type: "merge", body });
      assert.equal((await desk.wctl(`${verb} gitsource/fleet`)).code, 0);
      assert.deepEqual(await asked(), [isSuspended, undefined]);
    }
    assert.equal((await source()).metadata.annotations, undefined, "nothing is left of it");
  });
});
