import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { GitThread, gitThreads } from "../../../git/repository/git-thread.ts";
import type { GitRemote } from "../../../git/transport/transport.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { FaultProxy, whole } from "../fault-proxy.ts";
import { everywhere, faults, type Place } from "../faults.ts";
import { type GitFixture, gitFixture } from "../git-fixture.ts";

const never = new AbortController().signal;
/** For what ends by itself. */
const PATIENT_MS = 60_000;
const IMPATIENT_MS = 250;
const SECRET = "canary-51c0";
const LIMITS = { files: 10, bytes: 1024 * 1024 };
/** Twice what a list of refs and this repository may have: the rest lies in buffers on the way. */
const MOST_SENT = 2 * (32 * 1024 * 1024 + LIMITS.bytes);

describe("of a server that fails it is told how; nothing is lost, and the next fetch is as ever, when it", () => {
  let fixture: GitFixture;
  let proxy: FaultProxy;
  const threads = gitThreads(systemClock, 1, 1);
  let thread: GitThread;
  /** What was fetched last. */
  let known: string;
  before(async () => {
    fixture = await gitFixture({ credentials: `robot:${SECRET}` });
    proxy = await FaultProxy.start({ ...fixture.identity, ca: fixture.ca }, fixture.server.url("repo.git"));
    thread = new GitThread(join(fixture.root, "copy"), systemClock, threads, "");
    fixture.repo.git("config", "uploadpack.allowAnySHA1InWant", "true");
    known = fixture.repo.commit({ "a.yaml": "a: 1\n" });
    for (const version of ["v1.0.0", "v1.1.0", "v2.0.0"]) fixture.repo.git("tag", version);
    const texts = Object.values(faults)
      .filter(({ at = everywhere }) => at.includes("pack"))
      .map(() => Array.from({ length: 30 }, () => `${Math.random()}\n`).join(""));
    const commits = fixture.repo.commitEach(texts.map((text) => ({ "a.yaml": text })));
    fresh.push(...texts.map((text, at) => ({ text, commit: commits[at]! })));
    await files(known);
  });
  after(async () => {
    thread.close();
    threads.close();
    await proxy.close();
    await fixture.close();
  });

  const remote = (): GitRemote => ({
    url: proxy.url("repo.git"),
    credentials: { username: "robot", password: SECRET, ca: fixture.ca },
  });
  const resolve = (timeoutMs: number) => thread.resolve(remote(), { semver: ">=1" }, timeoutMs, never);
  const files = async (commit: string, timeoutMs = PATIENT_MS, from: GitRemote | undefined = remote()) => {
    const wanted = { commit, path: ".", limits: LIMITS, which: "manifests" } as const;
    const tree = await thread.files(from, wanted, timeoutMs, never);
    return tree.files.map(({ bytes }) => Buffer.from(bytes).toString());
  };
  /** One for each pack that fails. It has some hundred bytes that nothing makes smaller. */
  const fresh: { commit: string; text: string }[] = [];
  const isAt: Record<Place, (method: string) => boolean> = {
    greeting: (method) => method === "GET",
    list: (method) => method === "POST",
    pack: (method) => method === "POST",
  };

  for (const [what, { fault, reason = "FetchFailed", message, isSlow, at = everywhere }] of Object.entries(faults)) {
    it(what, async () => {
      for (const place of at) {
        const { commit, text } = place === "pack" ? fresh.shift()! : { commit: known, text: "" };
        const timeoutMs = isSlow ? IMPATIENT_MS : PATIENT_MS;
        proxy.fault = (answer) => (isAt[place](answer.method) ? fault(answer) : [whole(answer)]);
        proxy.sent = 0;
        await assert.rejects(
          place === "pack" ? files(commit, timeoutMs) : resolve(timeoutMs),
          (error: Error & { reason?: string }) => {
            assert.match(error.message, message, place);
            assert.equal(error.reason, reason, `${place}: ${error.message}`);
            assert.ok(!error.message.includes(SECRET));
            return true;
          },
        );
        assert.ok(proxy.sent < MOST_SENT, `${place}: ${proxy.sent} bytes were taken`);
        await eventually(() => proxy.open === 0, `${place}: the connection is closed`);
        proxy.fault = (answer) => [whole(answer)];
        assert.equal((await files(known, PATIENT_MS, undefined)).length, 1, place);
        if (place === "pack") assert.deepEqual(await files(commit), [text]);
        known = commit;
      }
      if (at.includes("greeting")) assert.equal((await resolve(PATIENT_MS)).name, "v2.0.0");
    });
  }
});
