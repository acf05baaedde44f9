/** A repository as the desired state of a host (docs/gitops.md), through the built program and a real git server. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type GitFixture, gitFixture } from "../git/git-fixture.ts";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";

const SECRET = "canary-7f3a";
const map = (name: string, value = "1"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const program = (seconds: number): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\nspec: {command: /bin/sleep, args: ["${seconds}"], runAs: {account: Dynamic}, stop: {gracePeriodSeconds: 1}}\n`;

describe("a host that follows a repository", () => {
  let daemon: DaemonUnderTest;
  let fixture: GitFixture;
  before(async () => {
    fixture = await gitFixture({ credentials: `robot:${SECRET}` });
    daemon = await DaemonUnderTest.start();
    const node = (await daemon.json("nodes")).items[0].metadata.name;
    fixture.repo.commit({ [`hosts/${node}/web.yaml`]: program(1000), [`hosts/${node}/a.yaml`]: map("a") });
    const ca = fixture.ca.replaceAll("\n", "\n    ");
    const url = fixture.server.url("repo.git").text;
    await daemon.apply(
      `apiVersion: v1\nkind: Secret\nmetadata: {name: auth}\nstringData:\n  username: robot\n  token: ${SECRET}\n  ca.crt: |\n    ${ca}\n---\n` +
        `apiVersion: wctl.dev/v1\nkind: GitSource\nmetadata: {name: fleet}\nspec: {url: "${url}", path: "hosts/\${node.name}", interval: 1h, secretRef: {name: auth}}\n`,
    );
    path = `hosts/${node}`;
  });
  after(async () => {
    await daemon.dispose();
    await fixture.close();
  });
  let path = "";
  const push = (files: Record<string, string | undefined>): string =>
    fixture.repo.commit(Object.fromEntries(Object.entries(files).map(([name, text]) => [`${path}/${name}`, text])));
  const pidOf = async (): Promise<number> => (await daemon.json("instances")).items[0].status.pid;
  const valueIn = async (name: string) => (await daemon.json("configmap", name)).data.value;

  it("runs what is pushed, and goes on running it when a push is bad", async () => {
    assert.match(
      await daemon.ok("reconcile", "gitsource/fleet"),
      /^gitsource\.wctl\.dev\/fleet applied main@sha1:[0-9a-f]{7}\n$/,
    );
    await daemon.ok("wait", "--for=condition=Ready", "process/web", "--timeout=60s");
    const pid = await pidOf();
    push({ "a.yaml": map("a", "2"), "bad.yaml": "kind: {" });
    const refused = await daemon.wctl("reconcile", "fleet");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /bad\.yaml:1:8: .*\n\(of main@sha1:[0-9a-f]{7}; main@sha1:[0-9a-f]{7} stays\)/);
    assert.deepEqual([await valueIn("a"), await pidOf()], ["1", pid]);
    assert.match(await daemon.ok("describe", "gitsource", "fleet"), /ManifestInvalid .*bad\.yaml:1:8/);
    push({ "bad.yaml": undefined, "b.yaml": map("b") });
    await daemon.ok("reconcile", "fleet");
    assert.equal(await valueIn("a"), "2");
    push({ "b.yaml": undefined });
    await daemon.ok("reconcile", "fleet");
    assert.equal((await daemon.json("configmaps")).items.length, 1);
    assert.equal(await pidOf(), pid, "what did not change was not touched");
  });

  it("is one revision, wherever the daemon is killed in the middle of an apply", async () => {
    const revision = (value: string) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`m${at}.yaml`, map(`m${at}`, value)]));
    let commit = "";
    const asked: Promise<unknown>[] = [];
    for (let round = 1; round <= 6; round++) {
      commit = push(revision(String(round)));
      asked.push(daemon.wctl("reconcile", "fleet", "--timeout=1s"));
      await new Promise((resolve) => setTimeout(resolve, round * 15));
      await daemon.end("SIGKILL");
      await daemon.start();
    }
    await Promise.all(asked);
    await eventually("the last revision to be applied", async () => {
      const { status } = await daemon.json("gitsource", "fleet");
      return status.lastAppliedRevision === `main@sha1:${commit}`;
    });
    const values = (await daemon.json("configmaps")).items.map(({ data }: { data: { value: string } }) => data.value);
    assert.deepEqual(new Set(values), new Set(["2", "6"]));
  });

  it("keeps to what was applied last while the repository is away, also after a restart", async () => {
    const pid = await pidOf();
    await fixture.server.close();
    await daemon.end("SIGKILL");
    await daemon.start();
    await daemon.ok("delete", "configmap", "a", "--wait=false");
    await eventually("the map to come back", async () => (await daemon.wctl("get", "configmap", "a")).code === 0);
    const { status } = await eventually("the source to tell of it", async () => {
      const source = await daemon.json("gitsource", "fleet");
      return source.status.unreachableSince !== undefined && source;
    });
    assert.match(status.conditions[0].message, /cannot be reached: .*What was applied last stays: main@sha1:/);
    assert.equal(await pidOf(), pid);
  });

  it("tells its credentials to nobody but its server", async () => {
    const shown = [
      await daemon.ok("get", "gitsources,events", "-o", "yaml"),
      readFileSync(join(daemon.dataDir, "wctld.log"), "utf8"),
    ];
    const files = readdirSync(join(daemon.dataDir, "git"), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    assert.ok(files.length > 3);
    const onDisk = files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
    for (const text of [...shown, ...onDisk]) assert.equal(text.includes(SECRET), false);
  });
});
