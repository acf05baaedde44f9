/** `--manifests DIR`: add, change, remove = apply, apply, prune; a broken file keeps the last good state. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

describe("a folder of manifests", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-manifests-"));
  let daemon: DaemonUnderTest;
  const manifest = (name: string, seconds: number): string =>
    `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/sleep\n  args: ["${seconds}"]\n`;
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const names = async (): Promise<string> =>
    (await daemon.json("processes")).items.map((one: { metadata: { name: string } }) => one.metadata.name).join(" ");
  const eventuallyNames = (wanted: string): Promise<boolean> =>
    eventually(`processes: ${wanted}`, async () => (await names()) === wanted);

  before(async () => {
    write("web.yaml", manifest("web", 1000));
    daemon = await DaemonUnderTest.start("--manifests", folder);
  });
  after(async () => {
    await daemon.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is applied at the start; a new file is applied", async () => {
    await eventuallyNames("web");
    mkdirSync(join(folder, "more"));
    write("more/api.yaml", `${manifest("api", 1000)}---\n${manifest("worker", 1000)}`);
    await eventuallyNames("api web worker");
  });

  it("a changed file is applied, a removed document is pruned", async () => {
    write("more/api.yaml", manifest("api", 2000));
    await eventually("the change", async () => (await daemon.json("process", "api")).spec.args[0] === "2000");
    await eventuallyNames("api web");
  });

  it("a broken file keeps the last good state, and says so", async () => {
    write("web.yaml", "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\nspec: {comand: x\n");
    await eventually("the Node says so", async () => {
      const { items } = await daemon.json("nodes");
      return items[0].status.conditions.some(
        (one: { type: string; status: string; message: string }) =>
          one.type === "ManifestsSynced" && one.status === "False" && one.message.includes("web.yaml"),
      );
    });
    assert.equal((await daemon.json("process", "web")).spec.args[0], "1000");
    await daemon.tells(/web\.yaml/);
    write("web.yaml", manifest("web", 1000));
    await eventually("the Node is content", async () =>
      (await daemon.json("nodes")).items[0].status.conditions.some(
        (one: { type: string; status: string }) => one.type === "ManifestsSynced" && one.status === "True",
      ),
    );
  });

  it("prunes only what the folder made, also what was removed while the daemon was away", async () => {
    await daemon.apply(manifest("mine", 1000));
    await eventuallyNames("api mine web");
    await daemon.end("SIGKILL");
    rmSync(join(folder, "more"), { recursive: true });
    await daemon.start();
    await eventuallyNames("mine web");
  });

  it("a folder that vanished is not an empty folder", async () => {
    const away = `${folder}-away`;
    renameSync(folder, away);
    await eventually("the Node says so", async () =>
      (await daemon.json("nodes")).items[0].status.conditions.some(
        (one: { type: string; status: string }) => one.type === "ManifestsSynced" && one.status === "False",
      ),
    );
    assert.equal(await names(), "mine web");
    renameSync(away, folder);
    write("late.yaml", manifest("late", 1000));
    await eventuallyNames("late mine web");
  });
});
