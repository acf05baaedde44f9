import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sshEnvironment, sshPrograms } from "../../../git/transport/ssh-command.ts";

describe("the client of a repository over ssh", () => {
  it("is Windows' own, and nothing else is tried there", () => {
    assert.deepEqual(sshPrograms({ SystemRoot: "C:\\Windows", PATH: "C:\\evil" }), [
      "C:\\Windows\\System32\\OpenSSH\\ssh.exe",
    ]);
  });

  it("is found by whole paths elsewhere, whatever the PATH is", () => {
    const places = sshPrograms({ PATH: "/evil" });
    assert.equal(places[0], "/usr/bin/ssh");
    for (const place of places) assert.match(place, /^\/(usr|run)\/.*\/ssh$/);
  });

  it("is given nothing of the daemon's environment but where Windows is", () => {
    const own = {
      PATH: "/evil",
      SSH_AUTH_SOCK: "/agent",
      SSH_ASKPASS: "/evil",
      GIT_SSH_COMMAND: "evil",
      HOME: "/root",
    };
    assert.deepEqual(sshEnvironment(own), { LC_ALL: "C" });
    const windows = { SystemRoot: "C:\\Windows", ProgramData: "C:\\ProgramData", USERPROFILE: "C:\\Users\\me" };
    assert.deepEqual(sshEnvironment({ ...own, ...windows }), { LC_ALL: "C", ...windows });
  });
});
