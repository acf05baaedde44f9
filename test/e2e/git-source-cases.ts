import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import type { GitHost, PushedFiles } from "../git/git-host.ts";
import { repeats } from "../repeats.ts";
import { eventually, type Ran } from "./daemon-under-test.ts";

export const SECRET = "canary-7f3a";
const MAPS = 20;
/**
 * A daemon is killed while it fetches, and when so many are there. So few are applied at once, and one commit of the store: between the first and the last of
 * them there is no other moment. Each costs another daemon, so Windows has the ends only.
 */
const MOMENTS = process.platform === "win32" ? [0, MAPS] : [0, 1, MAPS];

/** A daemon on one data directory, wherever it runs. */
export interface FollowingDaemon {
  readonly dataDir: string;
  wctl(...words: string[]): Promise<Ran>;
  /** Exits with 0; gives stdout. */
  ok(...words: string[]): Promise<string>;
  apply(yaml: string): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  json(...words: string[]): Promise<any>;
  start(): Promise<void>;
  /** It gets no chance to clean up. */
  end(signal: "SIGKILL"): Promise<unknown>;
}

export interface Scene {
  daemon: FollowingDaemon;
  /** Lets `robot` in, whose password is `SECRET`. */
  host: GitHost;
  /** `spec` of a Process that runs on. */
  program: object;
}

const map = (name: string, value = "1"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

/** Of each daemon that follows a repository, in this order. They leave it with the repository away. */
export function gitSourceCases(scene: () => Scene): void {
  let path = "";
  const daemon = (): FollowingDaemon => scene().daemon;
  const push = (files: PushedFiles): Promise<string> =>
    scene().host.commit(Object.fromEntries(Object.entries(files).map(([name, text]) => [`${path}/${name}`, text])));
  const pidOf = async (): Promise<number> => (await daemon().json("instances")).items[0].status.pid;
  const valueIn = async (name: string) => (await daemon().json("configmap", name)).data.value;
  const values = async (): Promise<string[]> =>
    (await daemon().json("configmaps")).items.map(({ data }: { data: { value: string } }) => data.value);

  it("begins with an empty repository, and begins only once", async () => {
    const { host } = scene();
    const folder = mkdtempSync(join(tmpdir(), "wctl-git-"));
    const [token, ca] = [join(folder, "token"), join(folder, "ca.crt")];
    writeFileSync(token, `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(ca, host.ca);
    const where = ["--url", host.url, "--path", `hosts/\${node.name}`, "--secret-name", "auth", "--interval", "1h"];
    const credentials = ["--username", "robot", "--token-file", token, "--ca-file", ca];
    try {
      assert.match(
        await daemon().ok("bootstrap", "git", ...where, ...credentials),
        /^hosts\/\S+\/about\.yaml pushed: (main@sha1:[0-9a-f]{7})\nsecret\/auth created\ngitsource\.wctl\.dev\/fleet created\ngitsource\.wctl\.dev\/fleet applied \1\n$/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.equal((await daemon().json("configmap", "about-fleet")).data.source, "fleet");
    // By the Secret that it has written.
    assert.match(
      await daemon().ok("bootstrap", "git", ...where),
      /^(main@sha1:[0-9a-f]{7}) has manifests in "hosts\/\S+": nothing is pushed\ngitsource\.wctl\.dev\/fleet unchanged\ngitsource\.wctl\.dev\/fleet applied \1\n$/,
    );
  });

  it("runs what is pushed, and goes on running it when a push is bad", async () => {
    const { program } = scene();
    path = `hosts/${(await daemon().json("nodes")).items[0].metadata.name}`;
    const web = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "web" }, spec: program };
    await push({ "web.yaml": JSON.stringify(web), "a.yaml": map("a") });
    await daemon().ok("patch", "gitsource", "fleet", "--type=merge", "-p", '{"spec":{"wait":true}}');
    assert.match(
      await daemon().ok("reconcile", "gitsource/fleet"),
      /^gitsource\.wctl\.dev\/fleet applied main@sha1:[0-9a-f]{7}\n$/,
    );
    const tree = await daemon().ok("tree", "gitsource/fleet", "--no-headers");
    assert.deepEqual(
      tree.match(/\S+\/\S+ +[A-Z][a-z]+/g)?.map((row) => row.replace(/ +/, " ")),
      ["gitsource/fleet Healthy", "├─configmap/a Healthy", "└─process/web Healthy", "└─instance/web-0 Healthy"],
      "it waited until the program ran",
    );
    const pid = await pidOf();
    await push({ "a.yaml": map("a", "2"), "bad.yaml": "kind: {" });
    const refused = await daemon().wctl("reconcile", "fleet");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /bad\.yaml:1:8: .*\n\(of main@sha1:[0-9a-f]{7}; main@sha1:[0-9a-f]{7} stays\)/);
    assert.deepEqual([await valueIn("a"), await pidOf()], ["1", pid]);
    await eventually("the event", async () =>
      /ManifestInvalid .*bad\.yaml:1:8/.test(await daemon().ok("describe", "gitsource", "fleet")),
    );
    const invalid = await daemon().wctl("diff", "gitsource/fleet");
    assert.deepEqual([invalid.code, invalid.stdout], [2, ""]);
    assert.match(invalid.stderr, /^error: .*bad\.yaml:1:8: /);
    await push({ "bad.yaml": null, "b.yaml": map("b") });
    const next = await daemon().wctl("diff", "gitsource/fleet");
    assert.deepEqual([next.code, next.stderr], [1, ""]);
    assert.match(next.stdout, /^configmap\/a configured \(hosts\/.*\/a\.yaml:1\)$/m);
    assert.match(next.stdout, /^- {2}value: "1"\n\+ {2}value: "2"$/m);
    assert.match(next.stdout, /^configmap\/b created \(/m);
    assert.equal(await valueIn("a"), "1");
    await daemon().ok("reconcile", "fleet");
    assert.equal(await daemon().ok("diff", "gitsource/fleet"), "");
    const copies = readdirSync(join(daemon().dataDir, "git"));
    assert.deepEqual(
      copies.filter((name) => name.includes(".diff")),
      [],
    );
    assert.equal(await valueIn("a"), "2");
    await push({ "b.yaml": null });
    await daemon().ok("reconcile", "fleet");
    assert.equal((await daemon().json("configmaps")).items.length, 1);
    assert.equal(await pidOf(), pid, "what did not change was not touched");
  });

  it("goes back to what was applied before, and stays there until it is resumed", async () => {
    const pid = await pidOf();
    assert.match(
      await daemon().ok("rollback", "gitsource/fleet"),
      /^gitsource\.wctl\.dev\/fleet rolled back to main@sha1:[0-9a-f]{7}\n$/,
    );
    assert.deepEqual([await valueIn("b"), await pidOf()], ["1", pid]);
    assert.match(await daemon().ok("get", "gitsources"), /suspended; rolled back to main@sha1:[0-9a-f]{7}\n/);
    await daemon().ok("resume", "fleet");
    await daemon().ok("reconcile", "fleet");
    assert.equal((await daemon().json("configmaps")).items.length, 1);
  });

  it("follows one source after another, in folders that variables name", async () => {
    const { host } = scene();
    await host.commit({ "base/base.yaml": map("base", "2"), "later/later.yaml": map("later", "2") });
    const source = (name: string, more = ""): string =>
      `apiVersion: wctl.dev/v1\nkind: GitSource\nmetadata: {name: ${name}}\nspec: {url: "${host.url}", path: "\${DIR}", substitute: {variables: {DIR: ${name}}}, interval: 1h, secretRef: {name: auth}${more}}\n`;
    await daemon().apply(source("later", ", dependsOn: [{name: base}]"));
    const waits = await daemon().wctl("reconcile", "later");
    assert.match(waits.stderr, /"later": gitsource default\/base is not there/);
    await daemon().apply(source("base"));
    await daemon().ok("wait", "--for=condition=Ready", "gitsource/later", "--timeout=60s");
    assert.deepEqual([await valueIn("base"), await valueIn("later")], ["2", "2"]);
    await daemon().ok("delete", "gitsource", "base", "later");
  });

  it("is one revision, wherever the daemon is killed in the middle of an apply", async () => {
    const revision = (value: string) =>
      Object.fromEntries(Array.from({ length: MAPS }, (_, at) => [`m${at}.yaml`, map(`m${at}`, value)]));
    const moments = Array.from({ length: repeats(1) }, () => MOMENTS).flat();
    for (const [round, there] of moments.entries()) {
      const value = `round ${round}`;
      const commit = await push(revision(value));
      const asked = daemon().wctl("reconcile", "fleet", "--timeout=1s");
      await eventually(
        `${there} to be applied`,
        async () => (await values()).filter((one) => one === value).length >= there,
      );
      await daemon().end("SIGKILL");
      await daemon().start();
      await eventually("the revision to be applied", async () => {
        const { status } = await daemon().json("gitsource", "fleet");
        return status.lastAppliedRevision === `main@sha1:${commit}`;
      });
      assert.deepEqual(new Set(await values()), new Set(["2", value]));
      await asked;
    }
  });

  it("keeps to what was applied last while the repository is away, also after a restart", async () => {
    const pid = await pidOf();
    await scene().host.goAway();
    await daemon().end("SIGKILL");
    await daemon().start();
    await daemon().ok("delete", "configmap", "a", "--wait=false");
    await eventually("the map to come back", async () => (await daemon().wctl("get", "configmap", "a")).code === 0);
    const { status } = await eventually("the source to tell of it", async () => {
      const source = await daemon().json("gitsource", "fleet");
      return source.status.unreachableSince !== undefined && source;
    });
    const there = ["diff", "gitsource/fleet", "--commit", status.lastAppliedRevision];
    assert.equal(await daemon().ok(...there), "", "a commit that is there can be looked at");
    assert.match(status.conditions[0].message, /cannot be reached: .*What was applied last stays: main@sha1:/);
    assert.equal(await pidOf(), pid);
  });

  it("tells its credentials to nobody but its server", async () => {
    const { dataDir } = daemon();
    const shown = [
      await daemon().ok("get", "gitsources,events", "-o", "yaml"),
      readFileSync(join(dataDir, "wctld.log"), "utf8"),
    ];
    const files = readdirSync(join(dataDir, "git"), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    assert.ok(files.length > 3);
    const onDisk = files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
    for (const text of [...shown, ...onDisk]) assert.equal(text.includes(SECRET), false);
  });

  it("leaves what it applied, and no copy of the repository, when the source is deleted", async () => {
    const pid = await pidOf();
    const copies = (): string[] => readdirSync(join(daemon().dataDir, "git"));
    assert.equal(copies().length, 1);
    await daemon().ok("delete", "gitsource", "fleet");
    await eventually("the copy to go", () => copies().length === 0);
    assert.equal(await pidOf(), pid);
  });
}
