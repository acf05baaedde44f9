import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Stored } from "../../../../../api/object.ts";
import { gitSources } from "../../../../../api/scheme.ts";
import type { GitSource } from "../../../../../api/types.generated.ts";
import { eventually } from "../../../../eventually.ts";
import { FakeClock } from "../../../../lib/fake-clock.ts";
import { Desk } from "../../desk.ts";

const AT = "wctl.dev/reconcile-at";

describe("wctl reconcile", () => {
  const clock = new FakeClock();
  let desk: Desk;
  before(async () => {
    desk = await Desk.open(clock);
  });
  after(() => desk.close());

  const make = (name: string) =>
    desk.client.create(gitSources, {
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name, namespace: "default" },
      spec: { url: "https://git.example.com/fleet.git", wait: true },
    });
  const find = (name: string): Promise<Stored<GitSource>> => desk.client.get(gitSources, `default/${name}`);
  /** The controller, once it was asked. */
  async function answers(name: string, status: "True" | "False" | "Unknown", message: string): Promise<void> {
    const source = await eventually(async () => {
      const found = await find(name);
      return found.metadata.annotations?.[AT] === undefined ? undefined : found;
    }, "it was asked");
    const ready = { type: "Ready", status, reason: "R", message, lastTransitionTime: "2026-05-01T10:00:00Z" };
    const answer = { lastHandledReconcileAt: source.metadata.annotations![AT]!, conditions: [ready] };
    await desk.client.updateStatus(gitSources, { ...source, status: answer });
  }

  it("waits until what was applied is healthy", async () => {
    await make("fleet");
    const running = desk.wctl("reconcile gitsource/fleet");
    await answers("fleet", "Unknown", "applied main; 1 of 2 objects not healthy");
    await answers("fleet", "True", "applied main");
    assert.deepEqual(await running, { code: 0, out: "gitsource.wctl.dev/fleet applied main\n", err: "" });
  });

  it("fails when that fails", async () => {
    await make("bad");
    const running = desk.wctl("reconcile gitsource/bad");
    await answers("bad", "Unknown", "applied main; 1 of 2 objects not healthy");
    await answers("bad", "False", "1 of 2 objects not healthy: Process default/web: stuck");
    const err = 'error: gitsources.wctl.dev "bad": 1 of 2 objects not healthy: Process default/web: stuck\n';
    assert.deepEqual(await running, { code: 1, out: "", err });
  });

  it("says for what it waits, and when its time is up for what it has waited", async () => {
    await make("slow");
    let shown = "";
    const onWrite = (text: string): void => {
      shown += text;
    };
    const running = desk.wctl("reconcile gitsource/slow --timeout=2s", { isTTY: true, onWrite });
    await answers("slow", "Unknown", "applied main; 1 of 2 objects not healthy");
    await eventually(
      async () => shown.includes("Waiting for gitsource/slow: applied main; 1 of 2 objects not healthy"),
      "it says for what it waits",
    );
    clock.advance(2_000);
    const { code, err } = await running;
    assert.equal(code, 1);
    assert.match(
      err,
      /timed out waiting for gitsources\.wctl\.dev "slow": applied main; 1 of 2 objects not healthy\n$/,
    );
  });
});
