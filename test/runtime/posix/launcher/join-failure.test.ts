import assert from "node:assert/strict";
import { it } from "node:test";
import { ownAccount } from "../../../../runtime/posix/accounts/account.ts";
import { explainFailure } from "../../../../runtime/posix/process/image.ts";
import { killAndReap } from "../../../../runtime/posix/process/kill-and-reap.ts";
import { hasLauncher, spawn } from "../../../../runtime/posix/process/spawn.ts";
import { eventually } from "../../../eventually.ts";

it("a launcher that can't join its group does not become the program, and the reason names neither program nor folder", {
  skip: !hasLauncher() && "needs a launcher",
}, async () => {
  const program = { image: "/bin/true", workingDir: "/", isOwnFolder: false };
  const streams = { stdout: 0, stderr: 0 };
  const attributes = { keyrings: false, lastCapability: 0 };
  const placement = { joins: ["/no/such/group/tasks"] };
  const { pid, execOutcome } = spawn({ ...program, argv: ["true"], env: [], ...streams, attributes, placement });
  try {
    const answer = await eventually(() => execOutcome!.answer(), "the launcher has reported");
    const { reason, message } = explainFailure(answer, { ...program, account: ownAccount() });
    assert.equal(reason, "SystemError");
    assert.equal(message, "starting /bin/true failed: joining its cgroup: no such file or directory (ENOENT)");
  } finally {
    execOutcome!.close();
    killAndReap(pid);
  }
});
