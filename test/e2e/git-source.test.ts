/** A repository as the desired state of a host (docs/guides/gitops.md), through the built program and a real git server. */
import { after, before, describe } from "node:test";
import { type GitHost, openGitHost } from "../git/git-host.ts";
import { DaemonUnderTest } from "./daemon-under-test.ts";
import { gitSourceCases, SECRET } from "./git-source-cases.ts";

const program = {
  command: "/bin/sleep",
  args: ["1000"],
  runAs: { account: "Dynamic" },
  stop: { gracePeriodSeconds: 1 },
};

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
