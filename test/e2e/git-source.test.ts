/** A repository as the desired state of a host (docs/guides/gitops.md), through the built program and a real git server. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type GitHost, openGitHost } from "../git/git-host.ts";
import { repeats } from "../repeats.ts";
import { DaemonUnderTest, eventually } from "./daemon-under-test.ts";
import { gitSourceCases, SECRET } from "./git-source-cases.ts";

const program = {
  command: "/bin/sleep",
  args: ["1000"],
  runAs: { account: "Dynamic" },
  stop: { gracePeriodSeconds: 1 },
};

/** More than are written at once, so that there is a middle. */
const MANY = 400;
const many = (value: string): string =>
  Array.from(
    { length: MANY },
    (_, at) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m${at}}\ndata: {value: "${value}"}\n`,
  ).join("---\n");

describe("a host that follows a repository", () => {
  let daemon: DaemonUnderTest;
  let host: GitHost;
  before(async () => {
    host = await openGitHost(`robot:${SECRET}`);
    daemon = await DaemonUnderTest.start();
  });
  after(async () => {
    await daemon.dispose();
    await host.close();
  });

  gitSourceCases(() => ({ daemon, host, program }));
});

describe("a daemon that is killed while a revision is written", () => {
  let daemon: DaemonUnderTest;
  let host: GitHost;
  before(async () => {
    host = await openGitHost(`robot:${SECRET}`);
    daemon = await DaemonUnderTest.start();
  });
  after(async () => {
    await daemon.dispose();
    await host.close();
  });

  const values = async (): Promise<string[]> =>
    (await daemon.json("configmaps")).items.map(({ data }: { data: { value: string } }) => data.value);
  const isApplied = (commit: string) =>
    eventually("the revision to be applied", async () => {
      const { status } = await daemon.json("gitsource", "fleet");
      return status?.lastAppliedRevision === `main@sha1:${commit}`;
    });

  it("applies the rest of it when it is back, and nothing is of another one", async () => {
    const secret = { username: "robot", token: SECRET, "ca.crt": host.ca };
    const first = await host.commit({ "all.yaml": many("0") });
    await daemon.apply(
      `${JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "auth" }, stringData: secret })}\n---\n` +
        `apiVersion: wctl.dev/v1\nkind: GitSource\nmetadata: {name: fleet}\nspec: {url: "${host.url}", interval: 1h, secretRef: {name: auth}}\n`,
    );
    await isApplied(first);
    // A look may come when all of it is there: that was not the middle, and does not count.
    for (let round = 1, inTheMiddle = 0; inTheMiddle < repeats(3); round++) {
      assert.ok(round <= repeats(9), "it was always too late");
      const value = String(round);
      const commit = await host.commit({ "all.yaml": many(value) });
      const asked = daemon.wctl("reconcile", "fleet", "--timeout=1s");
      const there = await eventually("some to be written", async () => {
        const count = (await values()).filter((one) => one === value).length;
        return count > 0 && count;
      });
      await daemon.end("SIGKILL");
      if (there < MANY) inTheMiddle++;
      await daemon.start();
      await isApplied(commit);
      assert.deepEqual(
        await values(),
        Array.from({ length: MANY }, () => value),
      );
      await asked;
    }
  });

  it("looks at once when its webhook is called with the right signature, and not with another", async () => {
    await daemon.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: hook}\nstringData: {token: h00k}\n");
    const webhook = { type: "Generic", secretRef: { name: "hook" } };
    await daemon.ok("patch", "gitsource", "fleet", "--type=merge", "-p", JSON.stringify({ spec: { webhook } }));
    await daemon.ok("reconcile", "fleet");
    const commit = await host.commit({ "all.yaml": many("hooked") });
    const origin = /https:\S+/.exec(daemon.readyLine()!)![0];
    const ca = readFileSync(join(daemon.dataDir, "pki", "ca.crt"));
    const call = (token: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const signature = `sha256=${createHmac("sha256", token).update("{}").digest("hex")}`;
        const headers = { "X-Signature-256": signature };
        request(`${origin}/hooks/default/fleet`, { method: "POST", ca, headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on("error", reject)
          .end("{}");
      });
    assert.equal(await call("guessed"), 404);
    assert.equal(await call("h00k"), 202);
    await isApplied(commit);
  });
});
