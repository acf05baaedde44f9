import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { GitRef } from "../../../api/git/git-ref.ts";
import type { GitFailure } from "../../../git/git-error.ts";
import { GitThread, gitThreads } from "../../../git/repository/git-thread.ts";
import type { GitTree } from "../../../git/repository/repository.ts";
import { createTransport } from "../../../git/transport/create-transport.ts";
import type { GitCredentials, GitRemote, Transport } from "../../../git/transport/transport.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { GitRepo } from "../git-repo.ts";
import { noSshd, SshServer } from "../ssh-server.ts";

const never = new AbortController().signal;
const TIMEOUT_MS = 60_000;
const LIMITS = { files: 1000, bytes: 4 * 1024 * 1024 };

describe("a repository over ssh", { skip: noSshd }, () => {
  /** Its name is a hard one for arguments and settings. */
  let root: string;
  let served: string;
  let server: SshServer;
  let key: string;
  let count = 0;
  let repo: GitRepo;
  let folder: string;
  let thread: GitThread;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "wctl git ssh %d-"));
    served = mkdtempSync(join(tmpdir(), "wctl-sshd-"));
    server = await SshServer.start(served);
    key = server.newKey("good");
  });
  const threads = gitThreads(systemClock, 1, 1);
  after(async () => {
    threads.close();
    await server.close();
    for (const one of [root, served]) rmSync(one, { recursive: true, force: true });
  });
  beforeEach(() => {
    server.letIn("good");
    // The grammar of a URL has no blanks.
    repo = new GitRepo(mkdtempSync(join(tmpdir(), "wctl-git-ssh-")));
    folder = join(root, `copy-${count++}`);
    thread = new GitThread(folder, systemClock, threads, "default");
  });
  afterEach(() => {
    thread.close();
    rmSync(join(repo.bare, ".."), { recursive: true, force: true });
    assert.deepEqual(
      readdirSync(root).filter((name) => name.endsWith(".ssh")),
      [],
      "no key is left",
    );
  });

  const remote = (credentials: GitCredentials = {}): GitRemote => ({
    url: server.url(repo.bare),
    credentials: { identity: key, knownHosts: server.knownHosts, ...credentials },
  });
  const resolve = (ref?: GitRef, from = remote()) => thread.resolve(from, ref, TIMEOUT_MS, never);
  const files = (commit: string, from = remote()) =>
    thread.files(from, { commit, path: ".", limits: LIMITS, which: "manifests" }, TIMEOUT_MS, never);
  const shown = (tree: GitTree) =>
    Object.fromEntries(tree.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));
  const failsBy = (asked: Promise<unknown>, reason: GitFailure, message: RegExp) =>
    assert.rejects(asked, (error: { reason?: string; message: string }) => {
      assert.match(error.message, message);
      assert.equal(error.reason, reason, error.message);
      assert.doesNotMatch(error.message, /PRIVATE KEY/);
      return true;
    });

  it("is found by its HEAD, a branch, a tag, and the newest version in a range, and is read", async () => {
    const first = repo.commit({ "a.yaml": "a: 1\n" });
    repo.git("tag", "v1.2.0");
    repo.git("tag", "-a", "-m", "annotated", "v1.10.0");
    const second = repo.commit({ "a.yaml": "a: 2\n" });
    assert.deepEqual(await resolve(), { name: "main", commit: second });
    assert.deepEqual(await resolve({ branch: "main" }), { name: "main", commit: second });
    assert.deepEqual(await resolve({ tag: "v1.2.0" }), { name: "v1.2.0", commit: first });
    assert.deepEqual(await resolve({ semver: "1.x" }), { name: "v1.10.0", commit: first }, "the commit, not the tag");
    await failsBy(resolve({ branch: "mai" }), "RefNotFound", /no branch "mai"/);
    const tree = await files(second);
    assert.deepEqual(shown(tree), { "a.yaml": "a: 2\n" });
    assert.deepEqual(tree.remarks, []);
    assert.doesNotMatch(readFileSync(join(folder, "config"), "utf8"), /PRIVATE KEY|@/);
  });

  it("is fetched by its changes in one connection, and not again when it is there", async () => {
    const noise = Array.from({ length: 5_000 }, (_, at) => `${at}: ${Math.sin(at)}\n`).join("");
    const first = repo.commit({ "big.yaml": noise, "small.yaml": "0\n" });
    const before = server.connections;
    await files(first);
    const second = repo.commit({ "small.yaml": "1\n" });
    assert.equal(shown(await files(second))["small.yaml"], "1\n");
    await files(second);
    assert.equal(server.connections, before + 2);
    const packs = join(folder, "objects/pack");
    const sizes = readdirSync(packs)
      .filter((name) => name.endsWith(".pack"))
      .map((name) => statSync(join(packs, name)).size)
      .sort((a, b) => a - b);
    assert.equal(sizes.length, 2);
    assert.ok(sizes[0]! < 1000 && sizes[1]! > 20_000, String(sizes));
    for (const name of readdirSync(packs).filter((one) => one.endsWith(".pack"))) {
      const bytes = readFileSync(join(packs, name));
      if (bytes.length > 20_000) writeFileSync(join(packs, name), bytes.fill(0xff, 10_000, 10_100));
    }
    const third = repo.commit({ "big.yaml": `${noise}end: 1\n` });
    assert.equal(shown(await files(third))["big.yaml"], `${noise}end: 1\n`, "what leans on something damaged");
  });

  it("gives what only an annotated tag leads to; a commit that nothing points to is told of, or given where it may be", async () => {
    const old = repo.commit({ "a.yaml": "0\n" });
    const tagged = repo.commit({ "a.yaml": "1\n" });
    repo.git("tag", "-a", "-m", "annotated", "v1.0.0");
    repo.git("-c", "advice.nestedTag=false", "tag", "-a", "-m", "a tag of a tag", "v1.0.1", "v1.0.0");
    repo.commit({ "a.yaml": "2\n" });
    assert.deepEqual(await resolve({ semver: "*" }), { name: "v1.0.1", commit: tagged });
    assert.deepEqual(shown(await files(tagged)), { "a.yaml": "1\n" });
    await failsBy(files(old), "RefNotFound", /no branch or tag points to it.*allowReachableSHA1InWant/);
    await failsBy(files("1".repeat(40)), "RefNotFound", /no branch or tag points to it/);
    repo.git("config", "uploadpack.allowReachableSHA1InWant", "true");
    assert.deepEqual(shown(await files(old)), { "a.yaml": "0\n" });
  });

  it("is read with a key that came through an editor, or another folder's leftovers", async () => {
    const commit = repo.commit({ "a.yaml": "1\n" });
    mkdirSync(`${folder}.ssh`);
    writeFileSync(join(`${folder}.ssh`, "identity"), "of a daemon that was killed");
    assert.equal((await resolve(undefined, remote({ identity: key.trim().replaceAll("\n", "\r\n") }))).commit, commit);
  });

  it("demands the right key", async () => {
    repo.commit({ "a.yaml": "1\n" });
    const stranger = existsSync(join(served, "bad")) ? readFileSync(join(served, "bad"), "utf8") : server.newKey("bad");
    await failsBy(
      resolve(undefined, remote({ identity: stranger })),
      "AuthenticationFailed",
      /does not let the key in/,
    );
    await failsBy(resolve(undefined, remote({ identity: "no key" })), "AuthenticationFailed", /is no private key/);
    const locked = server.newKey("locked", "passphrase");
    await failsBy(resolve(undefined, remote({ identity: locked })), "AuthenticationFailed", /has no passphrase/);
  });

  it("demands the right host key", async () => {
    repo.commit({ "a.yaml": "1\n" });
    server.newKey("other-host");
    const changed = remote({ knownHosts: server.knownAs("other-host") });
    await failsBy(resolve(undefined, changed), "HostKeyUnknown", /another host key than known_hosts/);
    const unknown = remote({ knownHosts: server.knownHosts.replace("127.0.0.1", "192.0.2.1") });
    await failsBy(resolve(undefined, unknown), "HostKeyUnknown", /is not known: .*ssh-keyscan -p \d+ 127\.0\.0\.1/);
  });

  it("is not asked for without a key, a host key, or with a proxy", async () => {
    const before = server.connections;
    await failsBy(resolve(undefined, remote({ identity: "" })), "AuthenticationFailed", /put it as identity into/);
    await failsBy(resolve(undefined, remote({ knownHosts: " \n" })), "HostKeyUnknown", /put it as known_hosts into/);
    await failsBy(
      resolve(undefined, remote({ proxy: "http://p:1" })),
      "FetchFailed",
      /proxy of spec.secretRef is for https/,
    );
    assert.equal(server.connections, before);
  });

  it("that is not there is told of in the server's words", async () => {
    const nowhere = { ...remote(), url: server.url("/nowhere/x.git") };
    await failsBy(resolve(undefined, nowhere), "FetchFailed", /refuses to give the repository: .*nowhere\/x\.git/);
    const closed = await SshServer.start(mkdtempSync(join(served, "closed-")));
    const url = closed.url("/x.git");
    await closed.close();
    await failsBy(resolve(undefined, { ...remote(), url }), "FetchFailed", /cannot be reached by ssh: .*refused/);
  });

  it("of a server that says something else, or ends in the middle, is told of", async () => {
    const noise = Array.from({ length: 2_000 }, (_, at) => `${at}: ${Math.sin(at)}\n`).join("");
    const commit = repo.commit({ "a.yaml": noise });
    server.letIn("good", "echo Welcome to this machine");
    await failsBy(resolve(), "FetchFailed", /does not answer as a git server does, but: Welcome/);
    server.letIn("good", "true");
    await failsBy(resolve(), "FetchFailed", /ends the session before it says anything/);
    server.letIn("good", "printf '0030ERR Permission denied (publickey) by your host'");
    await failsBy(resolve(), "FetchFailed", /refuses to give the repository: Permission denied/);
    server.letIn("good", `git-upload-pack ${repo.bare} | dd bs=1 count=5000 status=none`);
    await failsBy(files(commit), "FetchFailed", /cannot be read|refuses|damaged/);
    server.letIn("good");
    assert.deepEqual(shown(await files(commit)), { "a.yaml": noise });
  });

  /** Children of this process that are ssh. */
  const sessions = (): string[] =>
    readdirSync("/proc").filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return stat.includes("(ssh)") && Number(parent) === process.pid && state !== "Z";
      } catch {
        return false;
      }
    });

  it("is given up with its process and its key, which stand in no argument and no variable", {
    skip: process.platform !== "linux" && "/proc",
  }, async () => {
    process.env.SSH_AUTH_SOCK = "/a/canary/of/an/agent";
    server.letIn("good", "cat >/dev/null");
    const given = new AbortController();
    const asked = thread.resolve(remote(), undefined, TIMEOUT_MS, given.signal);
    const refused = failsBy(asked, "FetchFailed", /given up/);
    const pid = await eventually(() => server.open > 0 && sessions()[0], "the session is there");
    delete process.env.SSH_AUTH_SOCK;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    assert.deepEqual(command.slice(-4), [
      "--",
      `${userInfo().username}@127.0.0.1`,
      `git-upload-pack '${repo.bare}'`,
      "",
    ]);
    assert.deepEqual(environment, ["LC_ALL=C", ""]);
    assert.equal(statSync(`${folder}.ssh`).mode & 0o777, 0o700);
    assert.equal(statSync(join(`${folder}.ssh`, "identity")).mode & 0o777, 0o600);
    for (const line of key.trim().split("\n").slice(1, -1)) assert.ok(!command.join().includes(line));
    given.abort();
    await refused;
    assert.deepEqual(sessions(), []);
  });

  it("that never answers is ended in its time, and one that is cut is told of", async () => {
    server.letIn("good", "cat >/dev/null");
    await failsBy(thread.resolve(remote(), undefined, 500, never), "FetchFailed", /did not answer in time/);
    const asked = failsBy(resolve(), "FetchFailed", /cannot be reached by ssh/);
    await eventually(() => sessions().length > 0 && server.open > 0, "the session is there");
    server.cut();
    await asked;
    const closing = failsBy(resolve(), "FetchFailed", /given up/);
    await eventually(() => sessions().length > 0, "the session is there");
    thread.close();
    await closing;
    assert.deepEqual(sessions(), []);
  });

  const drained = async (transport: Transport) => {
    try {
      const { body } = await transport.request({ url: `${transport.url}/info/refs` });
      for await (const chunk of body) assert.ok(chunk.length < 1024 * 1024);
    } finally {
      await transport.close();
    }
  };

  it("of a server that sends without end is ended, whichever way it sends", async () => {
    const transport = () => createTransport(remote(), { bytes: 300_000, signal: never }, `${folder}.ssh`);
    server.letIn("good", "yes 0009abcd");
    await failsBy(drained(transport()), "LimitExceeded", /more than 300000 bytes/);
    server.letIn("good", "yes >&2");
    await failsBy(drained(transport()), "LimitExceeded", /errors without end/);
    assert.deepEqual(sessions(), []);
  });
});
