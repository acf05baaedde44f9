import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { makeKey } from "../../../api/object.ts";
import { gitSources } from "../../../api/scheme.ts";
import { eventually } from "../../eventually.ts";
import { map, setUp } from "./fleet.ts";

const fleet = makeKey("default", "fleet");

/** A source that is followed, and the folder of its copy. */
async function followed(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "wctl-copies-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const scene = await setUp(t, { folder });
  scene.git.push({ "a.yaml": map("a") });
  const { metadata } = await scene.apply();
  const copy = join(folder, metadata.uid);
  mkdirSync(copy);
  await scene.pass();
  return { ...scene, copy };
}

describe("the local copy of a source", () => {
  it("goes with it", async (t) => {
    const { cluster, copy } = await followed(t);
    await cluster.client.delete(gitSources, fleet);
    await eventually(() => !existsSync(copy), "it is gone");
  });

  it("goes when the deletion begins, which may take its time", async (t) => {
    const { cluster, copy, find } = await followed(t);
    await cluster.client.delete(gitSources, fleet, { propagation: "Foreground" });
    assert.ok((await find()).metadata.deletionTimestamp);
    await eventually(() => !existsSync(copy), "it is gone");
  });

  it("stays while the source is suspended, and goes when it is deleted then", async (t) => {
    const { cluster, git, copy, patch, pass } = await followed(t);
    await patch({ spec: { suspend: true } });
    await pass();
    assert.ok(git.isClosed);
    assert.ok(existsSync(copy));
    await cluster.client.delete(gitSources, fleet);
    await eventually(() => !existsSync(copy), "it is gone");
  });
});
