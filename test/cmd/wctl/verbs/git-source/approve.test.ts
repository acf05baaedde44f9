import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gitSources } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

const COMMIT = "72ac4c4".padEnd(40, "0");

describe("wctl approve", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());

  async function waiting(name: string, reason: string): Promise<void> {
    const made = await desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name, namespace: "default" },
      spec: { url: "https://git.example.com/fleet.git" },
    });
    const ready = {
      type: "Ready",
      status: "False",
      reason,
      message: "",
      lastTransitionTime: "2026-05-01T10:00:00Z",
    } as const;
    const status = { lastAttemptedRevision: `main@sha1:${COMMIT}`, conditions: [ready] };
    await desk.client.updateStatus(gitSources, { ...made, status });
  }
  const approved = async (name: string) =>
    (await desk.client.get(gitSources, `default/${name}`)).metadata.annotations?.["wctl.dev/approve"];

  it("marks the commit that waits", async () => {
    await waiting("fleet", "PruneRefused");
    const { code, out } = await desk.wctl("approve gitsource/fleet");
    assert.deepEqual([code, out], [0, "gitsource.wctl.dev/fleet approved main@sha1:72ac4c4\n"]);
    assert.equal(await approved("fleet"), COMMIT);
  });

  it("approves no other commit than the one that was looked at", async () => {
    await waiting("moved", "PruneRefused");
    const other = await desk.wctl("approve gitsource/moved --commit 1234567");
    assert.deepEqual(
      [other.code, other.err],
      [1, "error: 1234567 does not wait for approval: main@sha1:72ac4c4 does\n"],
    );
    assert.equal(await approved("moved"), undefined);
    assert.match((await desk.wctl("approve moved --commit 72")).err, /--commit takes 7 to 40 hexadecimal digits/);
    assert.equal((await desk.wctl("approve moved --commit 72ac4c40")).code, 0);
    assert.equal(await approved("moved"), COMMIT);
  });

  it("has nothing to approve where nothing waits", async () => {
    await waiting("fine", "ManifestInvalid");
    const { code, err } = await desk.wctl("approve gitsource/fine");
    assert.deepEqual([code, err], [1, 'error: gitsources.wctl.dev "fine" has no revision that waits for approval\n']);
    assert.equal(await approved("fine"), undefined);
  });
});
