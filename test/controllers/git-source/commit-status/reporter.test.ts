import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../../api/object.ts";
import type { GitSource } from "../../../../api/types.generated.ts";
import type { PostOutcome } from "../../../../controllers/git-source/commit-status/post-commit-status.ts";
import { CommitStatusReporter } from "../../../../controllers/git-source/commit-status/reporter.ts";
import type { CommitStatus } from "../../../../controllers/git-source/commit-status/status-request.ts";
import type { Outcome } from "../../../../controllers/git-source/status.ts";

const commit = "0123456789".repeat(4);
const source = {
  metadata: { name: "fleet", namespace: "ops" },
  spec: { url: "https://git.example.com/ops/fleet.git", commitStatus: { type: "Gitea", secretRef: { name: "token" } } },
} as unknown as Stored<GitSource>;
const outcome = (status: "True" | "False", message: string, isStandIn = false): Outcome => ({
  generation: 1,
  condition: { status, reason: "X", message },
  revision: `main@sha1:${commit}`,
  isStandIn,
  isRollback: false,
  unreachableSince: undefined,
  reconcileAt: undefined,
  objects: 1,
  recipients: [],
});

function setUp(data: Record<string, string> = { token: "t0k3n" }) {
  const posted: CommitStatus[] = [];
  const events: string[] = [];
  const answers: (PostOutcome | Error)[] = [];
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
  const metadata = { resourceVersion: "1" };
  const reporter = new CommitStatusReporter({
    client: { get: async () => ({ metadata, data: encoded }) } as never,
    nodeName: "pc1",
    recorder: {
      event: (_: unknown, __: string, reason: string, message: string) => events.push(`${reason}: ${message}`),
    } as never,
    post: async (status) => {
      posted.push(status);
      const answer = answers.shift() ?? { posted: true };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const tell = (told: Outcome, about = source) => reporter.tell(about, told, new AbortController().signal);
  return { posted, events, answers, tell, metadata };
}

const healthy = (state: "Healthy" | "Progressing" | "Failed", words = ""): Outcome => ({
  ...outcome("True", ""),
  health: { state, message: `Process ops/web: ${words}`, names: "Process ops/web is Degraded" },
});

describe("the status of a commit", () => {
  it("is pending while what was applied is on the way, and tells of failures the names, and once", async () => {
    const { posted, tell } = setUp();
    await tell(healthy("Progressing", "1 of 3"));
    await tell(healthy("Progressing", "2 of 3"));
    await tell(healthy("Failed", "exit code 3, and what it said"));
    await tell(healthy("Failed", "exit code 4"));
    await tell(healthy("Healthy"));
    assert.deepEqual(
      posted.map(({ state, description }) => `${state}: ${description}`),
      [
        "pending: applied, and not healthy yet",
        "failure: applied, and not healthy: Process ops/web is Degraded",
        "success: applied, and healthy",
      ],
    );
  });

  it("is told once, and again when it has changed", async () => {
    const { posted, tell } = setUp();
    for (let look = 0; look < 2; look++) await tell(outcome("False", "web.yaml:4: bad\n(of main)"));
    for (let look = 0; look < 2; look++) await tell(outcome("True", "applied"));
    assert.deepEqual(
      posted.map(({ state, description, token, context }) => [state, description, token, context]),
      [
        ["failure", "web.yaml:4: bad", "t0k3n", "wctl/pc1/ops/fleet"],
        ["success", "applied", "t0k3n", "wctl/pc1/ops/fleet"],
      ],
    );
    assert.equal(posted[0]?.commit, commit);
  });

  it("is told of nothing that stands in for what cannot be had, and by nobody who was not asked", async () => {
    const { posted, tell } = setUp();
    await tell(outcome("False", "no route to host", true));
    await tell({ ...outcome("False", "no route to host"), revision: undefined });
    await tell(outcome("True", "applied"), { ...source, spec: { url: source.spec.url } });
    assert.deepEqual(posted, []);
  });

  it("is told again when it was not taken and may be later; why is an Event, once", async () => {
    const { posted, events, answers, tell } = setUp();
    const refused = { posted: false, problem: "git.example.com answers 500", worthRetrying: true } as const;
    answers.push(refused, refused, { ...refused, problem: "403", worthRetrying: false });
    for (let look = 0; look < 5; look++) await tell(outcome("True", "applied"));
    assert.equal(posted.length, 3);
    assert.deepEqual(events, ["CommitStatusFailed: git.example.com answers 500", "CommitStatusFailed: 403"]);
  });

  it("that was refused is told again when somebody has changed the Secret or the spec, and told elsewhere when that is named", async () => {
    const { posted, answers, tell, metadata } = setUp();
    const refused = { posted: false, problem: "git.example.com answers 401", worthRetrying: false } as const;
    answers.push(refused, refused);
    for (let look = 0; look < 2; look++) await tell(outcome("True", "applied"));
    assert.equal(posted.length, 1);
    metadata.resourceVersion = "2";
    for (let look = 0; look < 2; look++) await tell(outcome("True", "applied"));
    assert.equal(posted.length, 2);
    const commitStatus = { ...source.spec.commitStatus, url: "https://git.example.com/git/api/v1" };
    const elsewhere = { ...source, spec: { ...source.spec, commitStatus } } as Stored<GitSource>;
    for (let look = 0; look < 2; look++) await tell(outcome("True", "applied"), elsewhere);
    assert.deepEqual(
      posted.map(({ apiUrl }) => apiUrl),
      [undefined, undefined, "https://git.example.com/git/api/v1"],
    );
    metadata.resourceVersion = "3";
    await tell(outcome("True", "applied"), elsewhere);
    assert.equal(posted.length, 3, "what was taken is not told again");
  });

  it("is told again to a server that did not answer in time, which nobody else has to know of", async () => {
    const { posted, events, answers, tell } = setUp();
    answers.push(new DOMException("the time is up", "TimeoutError"));
    for (let look = 0; look < 2; look++) await tell(outcome("True", "applied"));
    assert.equal(posted.length, 2);
    assert.deepEqual(events, ["CommitStatusFailed: the commit status was not taken within 10 s"]);
  });

  it("is not told without a token", async () => {
    const { posted, events, tell } = setUp({ password: "x" });
    await tell(outcome("True", "applied"));
    assert.deepEqual([posted, events], [[], ["CommitStatusFailed: the Secret of spec.commitStatus has no key token"]]);
  });

  it("goes through the proxy by which the repository is reached", async () => {
    const { posted, tell } = setUp({ token: "t0k3n", proxy: "http://proxy.example.com:3128" });
    await tell(outcome("True", ""));
    assert.equal(posted.at(-1)?.proxy, undefined, "the repository is reached by none");
    const behind = { ...source, spec: { ...source.spec, secretRef: { name: "auth" } } } as Stored<GitSource>;
    await tell(outcome("False", "bad"), behind);
    assert.equal(posted.at(-1)?.proxy, "http://proxy.example.com:3128");
  });
});
