import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import type { GitRef } from "../../../api/git/git-ref.ts";
import type { GitFailure } from "../../../git/git-error.ts";
import { GitThread, gitThreads } from "../../../git/repository/git-thread.ts";
import type { GitTree, Wanted } from "../../../git/repository/repository.ts";
import type { GitCredentials, GitRemote } from "../../../git/transport/transport.ts";
import { systemClock } from "../../../lib/clock.ts";
import { type GitFixture, gitFixture } from "../git-fixture.ts";
import { GitRepo } from "../git-repo.ts";

const never = new AbortController().signal;
const TIMEOUT_MS = 20_000;
const which = "manifests";
const LIMITS = { files: 1000, bytes: 4 * 1024 * 1024 };

describe("a repository behind HTTPS", () => {
  let fixture: GitFixture;
  let count = 0;
  let repo: GitRepo;
  let name: string;
  let folder: string;
  let thread: GitThread;

  before(async () => {
    fixture = await gitFixture({ credentials: "robot:s3cret" });
  });
  after(() => fixture.close());
  const threads = gitThreads(systemClock, 1, 1);
  after(() => threads.close());
  afterEach(() => thread.close());
  beforeEach(() => {
    fixture.server.interfere = () => false;
    fixture.server.requests.length = 0;
    name = `r${count++}.git`;
    repo = new GitRepo(join(fixture.root, "served"), name);
    folder = join(fixture.root, `copy-of-${name}`);
    thread = new GitThread(folder, systemClock, threads, "default");
  });

  const remote = (credentials: GitCredentials = {}): GitRemote => ({
    url: fixture.server.url(name),
    credentials: { username: "robot", password: "s3cret", ca: fixture.ca, ...credentials },
  });
  const resolve = (ref?: GitRef, from = remote()) => thread.resolve(from, ref, TIMEOUT_MS, never);
  const files = (commit: string, wanted: Partial<Wanted> = {}, from: GitRemote | undefined = remote()) =>
    thread.files(from, { commit, path: ".", limits: LIMITS, which, ...wanted }, TIMEOUT_MS, never);
  const offline = (commit: string) =>
    thread.files(undefined, { commit, path: ".", limits: LIMITS, which }, TIMEOUT_MS, never);
  const shown = ({ files }: GitTree) =>
    Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));
  const failsBy = (asked: Promise<unknown>, reason: GitFailure, message: RegExp) =>
    assert.rejects(asked, (error: { reason?: string; message: string }) => {
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });

  it("reads what a revert brings back, over and over: a pack may hold a tree again on which an older one leans", async () => {
    const state = (extra: readonly string[], time: number) =>
      Object.fromEntries([
        ...["a", "b", "c", "d", "e", "f"].map((file) => [`hosts/pc1/${file}.yaml`, `name: ${file}\n`]),
        ...["x", "y"].map((file) => [`hosts/pc1/${file}.yaml`, extra.includes(file) ? `name: ${file}\n` : undefined]),
        ["time", `${time}`],
      ]);
    const states = [[], ["x", "y"], ["y"], [], ["x"], [], ["x", "y"]];
    for (const [time, extra] of states.entries()) {
      const { files: found } = await files(repo.commit(state(extra, time)), { path: "hosts/pc1" });
      assert.equal(found.length, 6 + extra.length);
    }
  });

  it("is found by its HEAD, a branch, a tag, the newest version in a range, and a commit", async () => {
    const first = repo.commit({ "a.yaml": "a: 1\n" });
    repo.git("tag", "v1.2.0");
    repo.git("tag", "-a", "-m", "annotated", "v1.10.0");
    const second = repo.commit({ "a.yaml": "a: 2\n" });
    repo.git("tag", "v2.0.0");
    repo.git("tag", "not-a-version");
    mkdirSync(`${folder}.ssh`);
    writeFileSync(join(`${folder}.ssh`, "identity"), "of a session that was killed");
    assert.deepEqual(await resolve(), { name: "main", commit: second });
    assert.ok(!existsSync(`${folder}.ssh`), "the key goes with the next question");
    assert.deepEqual(await resolve({ branch: "main" }), { name: "main", commit: second });
    assert.deepEqual(await resolve({ tag: "v1.2.0" }), { name: "v1.2.0", commit: first });
    assert.deepEqual(await resolve({ semver: "1.x" }), { name: "v1.10.0", commit: first }, "the commit, not the tag");
    assert.deepEqual(await resolve({ commit: first }), { name: "", commit: first });
    await failsBy(resolve({ branch: "mai" }), "RefNotFound", /no branch "mai"/);
    await failsBy(resolve({ semver: ">=3" }), "RefNotFound", /no tag whose version is within ">=3"/);
  });

  it("gives the manifests of a folder, of any commit, and again without the server", async () => {
    const first = repo.commit({
      "hosts/a/web.yaml": "web\n",
      "hosts/a/.hidden.yaml": "x\n",
      "hosts/b.yaml": "b\n",
      README: "x",
    });
    const second = repo.commit({ "hosts/a/web.yaml": "web 2\n", "hosts/a/deep/db.json": "{}\n" });
    const tree = await files(second, { path: "hosts/a" });
    assert.deepEqual(shown(tree), { "deep/db.json": "{}\n", "web.yaml": "web 2\n" });
    assert.deepEqual([tree.commit.oid, tree.commit.message, tree.remarks], [second, "a change\n", []]);
    assert.match(tree.commit.author, /^Test <test@example\.com> \d+ [+-]\d{4}$/);
    assert.deepEqual(shown(await files(first)), { "hosts/a/web.yaml": "web\n", "hosts/b.yaml": "b\n" });
    const asked = fixture.server.requests.length;
    assert.equal(Object.keys(shown(await offline(second))).length, 3);
    await files(second);
    assert.equal(fixture.server.requests.length, asked, "what is there is not fetched again");
    await failsBy(offline("0".repeat(40)), "FetchFailed", /local copy does not have/);
    await failsBy(files(second, { path: "hosts/c" }), "PathNotFound", /"hosts\/c" is not there/);
    await failsBy(files(second, { path: "hosts/b.yaml" }), "PathNotFound", /is no folder/);
  });

  it("is fetched by its changes, and the copy made anew now and then", async () => {
    const noise = Array.from({ length: 2_000 }, (_, at) => `${at}: ${Math.sin(at)}\n`).join("");
    let received = 0;
    const first = repo.commit({ "big.yaml": noise, "small.yaml": "0\n", "gone/a.yaml": "a\n" });
    let commit = first;
    await files(commit);
    const [, ...later] = repo.commitEach([
      { "gone/a.yaml": undefined },
      ...Array.from({ length: 21 }, (_, at) => ({ "small.yaml": `${at + 1}\n` })),
    ]);
    const packs = () => readdirSync(join(folder, "objects/pack")).filter((file) => file.endsWith(".pack")).length;
    for (const [at, next] of later.entries()) {
      commit = next;
      assert.equal(shown(await files(commit, { keep: first }))["small.yaml"], `${at + 1}\n`);
      received = Math.max(received, packs());
    }
    assert.ok(received <= 20, `${received} packs`);
    assert.equal(Object.keys(shown(await offline(commit))).length, 2);
    const kept = { "big.yaml": noise, "small.yaml": "0\n", "gone/a.yaml": "a\n" };
    assert.deepEqual(shown(await offline(first)), kept, "what was applied last, in a copy that was made anew");
  });

  it("stays when the server sends a pack of something else", async () => {
    const first = repo.commit({ "a.yaml": "1\n" });
    await files(first);
    const second = repo.commit({ "a.yaml": "2\n" });
    const one = Buffer.concat([Buffer.from("PACK\0\0\0\x02\0\0\0\x01\x31", "latin1"), deflateSync("x")]);
    const pack = Buffer.concat([one, createHash("sha1").update(one).digest()]);
    const head = `0008NAK\n${(5 + pack.length).toString(16).padStart(4, "0")}\x01`;
    fixture.server.interfere = ({ method }, response) =>
      method === "POST" &&
      Boolean(response.writeHead(200).end(Buffer.concat([Buffer.from(head), pack, Buffer.from("0000")])));
    await failsBy(files(second, { keep: first }), "RefNotFound", /the server does not have the commit/);
    assert.deepEqual(shown(await offline(first)), { "a.yaml": "1\n" });
  });

  it("has what was fetched before, until the copy is made anew, and gets an older commit from the server by its hash", async () => {
    const never = repo.commit({ "a.yaml": "0\n", "same.yaml": "same\n" });
    const commits = repo.commitEach([1, 2].map((value) => ({ "a.yaml": `${value}\n` })));
    for (const commit of commits) await files(commit);
    assert.deepEqual(shown(await offline(commits[0]!)), { "a.yaml": "1\n", "same.yaml": "same\n" });
    await failsBy(offline(never), "FetchFailed", /the local copy does not have/);
    assert.deepEqual(shown(await files(never)), { "a.yaml": "0\n", "same.yaml": "same\n" });
  });

  it("stays when it is asked for a commit that nobody has", async () => {
    const commit = repo.commit({ "a.yaml": "1\n" });
    await files(commit);
    for (let look = 0; look < 2; look++)
      await failsBy(files("0".repeat(40)), "RefNotFound", /does not have the commit 0{40}, or gives none/);
    assert.deepEqual(shown(await offline(commit)), { "a.yaml": "1\n" });
  });

  it("is made anew when the copy is damaged, and stays when that fails", async () => {
    const commit = repo.commit({ "a.yaml": "a\n" });
    await files(commit);
    const pack = readdirSync(join(folder, "objects/pack")).find((file) => file.endsWith(".pack"))!;
    truncateSync(join(folder, "objects/pack", pack), 20);
    thread.close();
    fixture.server.interfere = (_, response) => Boolean(response.writeHead(500).end());
    await failsBy(files(commit), "FetchFailed", /answers 500/);
    fixture.server.interfere = () => false;
    assert.deepEqual(shown(await files(commit)), { "a.yaml": "a\n" });
    for (const file of readdirSync(join(folder, "objects/pack")))
      writeFileSync(join(folder, "objects/pack", file), "x");
    thread.close();
    assert.deepEqual(shown(await files(commit)), { "a.yaml": "a\n" });
  });

  it("survives rewritten history", async () => {
    await files(repo.commit({ "a.yaml": "1\n" }));
    repo.forgetHistory();
    const commit = repo.commit({ "a.yaml": "2\n" });
    assert.deepEqual(await resolve({ branch: "main" }), { name: "main", commit });
    assert.deepEqual(shown(await files(commit)), { "a.yaml": "2\n" });
  });

  it("needs the right credentials, which go to its own host only", async () => {
    const commit = repo.commit({ "a.yaml": "1\n" });
    await failsBy(resolve(undefined, remote({ password: "wrong" })), "AuthenticationFailed", /answers 401/);
    await failsBy(resolve(undefined, remote({ ca: undefined as never })), "CertificateInvalid", /is not trusted/);
    fixture.server.interfere = ({ url }, response) =>
      Boolean(response.writeHead(302, { location: `https://127.0.0.1:${fixture.server.port}${url}` }).end());
    await failsBy(resolve(), "FetchFailed", /redirects to https:\/\/127\.0\.0\.1:\d+, another host/);
    assert.equal(fixture.server.requests.length, 2);
    fixture.server.interfere = ({ url = "" }, response) =>
      url.startsWith("/moved/")
        ? false
        : Boolean(response.writeHead(301, { location: url.replace("/", "/moved/") }).end());
    await failsBy(resolve(), "FetchFailed", /404/);
    fixture.server.interfere = ({ url = "" }, response) =>
      url.startsWith("/old.git/") &&
      Boolean(response.writeHead(301, { location: url.replace("/old.git/", `/${name}/`) }).end());
    const moved = { ...remote(), url: fixture.server.url("old.git") };
    assert.equal((await resolve(undefined, moved)).commit, commit);
    assert.deepEqual(shown(await files(commit, {}, moved)), { "a.yaml": "1\n" });
  });

  it("that never answers, cuts off or sends something else is told of, within its time", async () => {
    const commit = repo.commit({ "a.yaml": "1\n" });
    fixture.server.interfere = () => true;
    await failsBy(thread.resolve(remote(), undefined, 300, never), "FetchFailed", /did not answer in time/);
    fixture.server.interfere = (_, response) => Boolean(response.writeHead(200).end("<html>Sign in</html>"));
    await failsBy(resolve(), "FetchFailed", /does not answer as a git server/);
    fixture.server.interfere = ({ method }, response) => {
      if (method !== "POST") return false;
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
      response.write("0008NAK\n0028\x01PACK\0\0\0\x02");
      setImmediate(() => response.destroy());
      return true;
    };
    await failsBy(files(commit), "FetchFailed", /./);
    const given = new AbortController();
    fixture.server.interfere = () => {
      given.abort();
      return true;
    };
    await assert.rejects(thread.resolve(remote(), undefined, TIMEOUT_MS, given.signal), /given up/);
    fixture.server.interfere = () => false;
    assert.deepEqual(shown(await files(commit)), { "a.yaml": "1\n" });
  });

  it("larger than its limits is refused before it is unpacked", async () => {
    const bomb = repo.commit({ "zeros.yaml": "\0".repeat(5 * 1024 * 1024) });
    await failsBy(files(bomb, { limits: { ...LIMITS, bytes: 1024 * 1024 } }), "LimitExceeded", /unpacked/);
    const many = repo.commit({
      "zeros.yaml": undefined,
      ...Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`${at}.yaml`, "x"])),
    });
    await failsBy(files(many, { limits: { ...LIMITS, files: 10 } }), "LimitExceeded", /more than 10 files/);
    await failsBy(files(many, { limits: { ...LIMITS, bytes: 5 } }), "LimitExceeded", /more than (5|20) bytes/);
  });

  it("whose tree names itself many times over is refused", async () => {
    repo.commit({ "a.yaml": "a\n" });
    let tree = repo.git("rev-parse", "HEAD^{tree}");
    for (let depth = 0; depth < 10; depth++) {
      tree = repo.mktree(Array.from({ length: 8 }, (_, at) => `040000 tree ${tree}\td${at}`));
    }
    const commit = repo.commitTree(tree);
    await failsBy(files(commit), "LimitExceeded", /more than \d+ (names|files)/);
  });

  it("with names that lead elsewhere, or that are the same on Windows, is refused; links and submodules are not followed", async () => {
    repo.commit({ "a.yaml": "a\n" });
    const blob = repo.git("rev-parse", "HEAD:a.yaml");
    const refused = (entries: string[], message: RegExp) =>
      failsBy(files(repo.commitTree(repo.mktree(entries))), "RepositoryInvalid", message);
    for (const bad of ["a\\evil.yaml", "C:x.yaml", "nul.yaml", "a\u0001.yaml"])
      await refused([`100644 blob ${blob}\t${bad}`], /rename it/);
    await refused(
      [`100644 blob ${blob}\tA.yaml`, `100644 blob ${blob}\ta.yaml`],
      /"A\.yaml" and "a\.yaml" are one and the same/,
    );
    await refused([`120000 blob ${blob}\tlink.yaml`], /symbolic link/);
    const ignored = await files(
      repo.commitTree(
        repo.mktree([
          `100644 blob ${blob}\ta.yaml`,
          `120000 blob ${blob}\tlink`,
          `160000 commit ${repo.git("rev-parse", "HEAD")}\tmodule`,
        ]),
      ),
    );
    assert.deepEqual(
      ignored.files.map(({ path }) => path),
      ["a.yaml"],
    );
    assert.deepEqual(ignored.remarks, [
      "link is a symbolic link and is not followed",
      "module is a submodule and is not read",
    ]);
    await failsBy(files(repo.git("rev-parse", "HEAD:a.yaml")), "RepositoryInvalid", /is a blob, and no commit/);
  });
});
