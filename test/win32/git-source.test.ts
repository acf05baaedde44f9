import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { gitSourceCases, SECRET } from "../e2e/git-source-cases.ts";
import { openDistantGitHost } from "../git/distant-git-host.ts";
import type { GitHost } from "../git/git-host.ts";
import { GIT_HOSTS } from "../git/git-host-server.ts";
import { isWindows } from "./platform.ts";
import { VerbsOfDaemon } from "./verbs-of-daemon.ts";
import { witness } from "./witness.ts";

const address = process.env[GIT_HOSTS];
const skip = !isWindows
  ? "needs Windows: make test-windows"
  : address === undefined
    ? "A REPOSITORY IS NOT FOLLOWED HERE: make test-windows has the git server for it (docs/needs-real-windows.md, D9)"
    : false;
/** That of a release, if there is one; else what was built on this very Windows. */
const program = ["dist", "build"]
  .map((folder) => fileURLToPath(new URL(`../../${folder}/wctl.exe`, import.meta.url)))
  .find((path) => existsSync(path))!;

/** Wine has no accounts to give to a program, so the source is given that of the daemon. */
const rights = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: runs-as-default}
rules: [{apiGroups: [wctl.dev], resources: [accounts], resourceNames: [default], verbs: [use]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: runs-as-default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: runs-as-default}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:wctl:source:default:fleet"}]
`;

describe("a Windows host that follows a repository", { skip }, () => {
  let folder: string;
  let daemon: VerbsOfDaemon;
  let host: GitHost;
  before(async () => {
    host = await openDistantGitHost(address!, `robot:${SECRET}`);
    folder = mkdtempSync(join(tmpdir(), "wctl git "));
    daemon = new VerbsOfDaemon(program, folder);
    await daemon.start();
    await daemon.apply(rights);
  });
  after(async () => {
    await daemon.dispose();
    await host.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  gitSourceCases(() => ({ daemon, host, program: { ...witness, stop: { signal: "None", gracePeriodSeconds: 1 } } }));
});
