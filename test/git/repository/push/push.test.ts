import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { GitFailure } from "../../../../git/git-error.ts";
import { GitThread, gitThreads } from "../../../../git/repository/git-thread.ts";
import type { Change } from "../../../../git/repository/push/change.ts";
import { Repository } from "../../../../git/repository/repository.ts";
import { createTransport } from "../../../../git/transport/create-transport.ts";
import type { NotedTransport } from "../../../../git/transport/noted-transport.ts";
import type { GitCredentials, GitRemote } from "../../../../git/transport/transport.ts";
import { systemClock } from "../../../../lib/clock.ts";
import { type GitFixture, gitFixture } from "../../git-fixture.ts";
import { GitRepo } from "../../git-repo.ts";
import { noSshd, SshServer } from "../../ssh-server.ts";

const never = new AbortController().signal;
const TIMEOUT_MS = 20_000;

describe("a push", () => {
  let fixture: GitFixture;
  let count = 0;
  let repo: GitRepo;
  let remote: GitRemote;
  let repository: Repository;
  const credentials: GitCredentials = { username: "robot", password: "s3cret" };

  before(async () => {
    fixture = await gitFixture({ credentials: "robot:s3cret" });
    credentials.ca = fixture.ca;
  });
  after(() => fixture.close());
  beforeEach(() => {
    fixture.server.interfere = () => false;
    const name = `r${count++}.git`;
    repo = new GitRepo(join(fixture.root, "served"), name);
    remote = { url: fixture.server.url(name), credentials };
    repository = new Repository(join(fixture.root, `copy-of-${name}`));
  });

  const ask = async <T>(question: (transport: NotedTransport) => Promise<T>): Promise<T> => {
    const limits = { bytes: 1 << 20, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const transport = createTransport(remote, limits, join(fixture.root, "session"));
    return question(transport).finally(() => transport.close());
  };
  const tip = (branch?: string) => ask((transport) => repository.tip(transport, branch));
  const changeOf = (change: Partial<Change>): Change => ({
    branch: "main",
    parent: undefined,
    files: { "hosts/pc1/a.yaml": "a: 1\n" },
    message: "first",
    author: { name: "wctl", email: "wctl@localhost" },
    at: 1_700_000_000,
    ...change,
  });
  const push = (change: Partial<Change> = {}) => ask((transport) => repository.push(transport, changeOf(change)));
  /** As whoever pushes on top of it has read it. */
  const read = async (commit: string): Promise<void> => {
    const wanted = { commit, path: ".", which: "manifests", limits: { files: 1000, bytes: 1 << 20 } } as const;
    await ask((transport) => repository.files(wanted, transport));
  };
  const bare = (...words: string[]): string => repo.git(...words);
  const failsBy = (asked: Promise<unknown>, reason: GitFailure, message: RegExp) =>
    assert.rejects(asked, (error: { reason?: string; message: string }) => {
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  const hook = (name: string, text: string): void => {
    mkdirSync(join(repo.bare, "hooks"), { recursive: true });
    writeFileSync(join(repo.bare, "hooks", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(repo.bare, "hooks", name), 0o755);
  };

  const makesTheFirstCommit = async (): Promise<void> => {
    assert.deepEqual(await tip(), { branch: "main", commit: undefined });
    assert.deepEqual(await tip("trunk"), { branch: "trunk", commit: undefined });
    const commit = await push();
    assert.deepEqual(await tip(), { branch: "main", commit });
    assert.equal(bare("show", "main:hosts/pc1/a.yaml"), "a: 1");
    assert.equal(bare("log", "--format=%an <%ae> %at %s|%p", "main"), "wctl <wctl@localhost> 1700000000 first|");
    assert.equal(bare("fsck", "--strict", "--no-dangling"), "");
  };

  const addsToWhatWasRead = async (): Promise<void> => {
    repo.commit({ "hosts/pc2/b.yaml": "b: 1\n", "hosts.yaml": "x\n", README: "read me\n" });
    const parent = repo.commit({ "hosts/pc2/b.yaml": "b: 2\n" });
    assert.deepEqual(await tip(), { branch: "main", commit: parent });
    await read(parent);
    const commit = await push({ parent });
    assert.equal(bare("log", "--format=%H", "main").split("\n").slice(0, 2).join(" "), `${commit} ${parent}`);
    assert.equal(bare("diff", "--name-status", parent, commit), "A\thosts/pc1/a.yaml");
    assert.equal(bare("fsck", "--strict", "--no-dangling"), "");
  };

  it("makes the first commit of an empty repository", makesTheFirstCommit);
  it("makes it where a server knows the first protocol only", async () => {
    fixture.server.interfere = ({ headers }) => {
      delete headers["git-protocol"];
      return false;
    };
    await makesTheFirstCommit();
  });
  it("adds its files to what was read, and changes nothing else", addsToWhatWasRead);

  it("is made in a thread of its own", async () => {
    const threads = gitThreads(systemClock, 1, 1);
    const thread = new GitThread(join(fixture.root, `thread-${count}`), systemClock, threads, "me");
    try {
      const { branch, commit: parent } = await thread.tip(remote, undefined, TIMEOUT_MS, never);
      const commit = await thread.push(remote, changeOf({ branch, parent }), TIMEOUT_MS, never);
      assert.equal(bare("rev-parse", "main"), commit);
      await failsBy(thread.push(remote, changeOf({}), TIMEOUT_MS, never), "PushRejected", /somebody else has pushed/);
    } finally {
      thread.close();
      threads.close();
    }
  });

  it("makes a branch of another name, and finds none that is not there", async () => {
    const commit = await push({ branch: "trunk" });
    assert.equal(bare("rev-parse", "trunk"), commit);
    await failsBy(tip("nobody"), "RefNotFound", /no branch "nobody"/);
    await failsBy(tip(), "RefNotFound", /HEAD of the repository is no branch/);
  });

  it("is refused when somebody else has pushed since it was read, before the server is asked and by the server", async () => {
    const parent = repo.commit({ "a.yaml": "a: 1\n" });
    await read(parent);
    const theirs = repo.commit({ "a.yaml": "a: 2\n" });
    await failsBy(push({ parent }), "PushRejected", /somebody else has pushed to "main" meanwhile/);
    await failsBy(push(), "PushRejected", /somebody else has pushed to "main" meanwhile/);
    await read(theirs);
    let later = "";
    fixture.server.interfere = ({ method, url }) => {
      if (method === "POST" && url?.endsWith("git-receive-pack")) later ||= repo.commit({ "a.yaml": "a: 3\n" });
      return false;
    };
    await failsBy(push({ parent: theirs }), "PushRejected", /somebody else has pushed to "main" meanwhile/);
    assert.equal(bare("rev-parse", "main"), later);
  });

  it("goes where the repository has moved to on its host, and to no other host", async () => {
    const moved = new URL(remote.url.text).pathname;
    let origin = "";
    fixture.server.interfere = ({ url = "" }, response) => {
      if (!url.startsWith("/old.git/")) return false;
      response.writeHead(301, { location: origin + url.replace("/old.git", moved) }).end();
      return true;
    };
    remote = { ...remote, url: fixture.server.url("old.git") };
    assert.equal(bare("rev-parse", "--verify", await push()), bare("rev-parse", "main"));
    origin = "https://elsewhere.example.com";
    await failsBy(push({ branch: "next" }), "FetchFailed", /redirects to https:\/\/elsewhere\.example\.com/);
  });

  it("overwrites no file, and makes no folder of one", async () => {
    const parent = repo.commit({ "a.yaml": "a: 1\n" });
    await read(parent);
    await failsBy(push({ parent, files: { "a.yaml": "x" } }), "RepositoryInvalid", /"a.yaml" is there already$/);
    await failsBy(push({ parent, files: { "a.yaml/b": "x" } }), "RepositoryInvalid", /already, and no folder$/);
    await failsBy(push({ parent: "0".repeat(39).concat("1") }), "FetchFailed", /local copy does not have/);
  });

  it("tells why the server does not take it, without control characters", async () => {
    hook("pre-receive", "printf 'main is protected \\033[31m\\n' >&2; exit 1");
    await failsBy(
      push(),
      "PushRejected",
      /^the server does not take the push to "main": .*hook declined.*protected \\x1b\[31m/,
    );
  });

  it("tells that the credentials may only read", async () => {
    bare("config", "http.receivepack", "false");
    assert.equal((await tip()).commit, undefined);
    await failsBy(push(), "AuthenticationFailed", /answers 403: .*what they may push/);
  });

  describe("over ssh", { skip: noSshd }, () => {
    let server: SshServer;
    let identity: string;
    before(async () => {
      const root = join(fixture.root, "sshd");
      mkdirSync(root, { mode: 0o700 });
      server = await SshServer.start(root);
      identity = server.newKey("robot");
      server.letIn("robot");
    });
    after(() => server?.close());
    beforeEach(() => {
      remote = { url: server.url(repo.bare), credentials: { identity, knownHosts: server.knownHosts } };
    });

    it("makes the first commit of an empty repository", async () => {
      await failsBy(
        ask((transport) => repository.resolve(transport, undefined)),
        "RefNotFound",
        /no HEAD: name a branch/,
      );
      await makesTheFirstCommit();
    });
    it("adds its files to what was read, and changes nothing else", addsToWhatWasRead);
    it("tells why the server does not take it", async () => {
      hook("update", "echo nobody pushes here >&2; exit 1");
      await failsBy(push(), "PushRejected", /hook declined.*nobody pushes here/);
    });
  });
});
