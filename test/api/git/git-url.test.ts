import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseGitUrl } from "../../../api/git/git-url.ts";

describe("the URL of a repository", () => {
  it("is understood in three forms", () => {
    const urls: [string, string][] = [
      ["https://git.example.com/ops/fleet.git", "https git.example.com 443 - /ops/fleet.git"],
      ["https://[::1]:8443/x", "https ::1 8443 - /x"],
      ["ssh://git@git.example.com:2222/ops/fleet.git", "ssh git.example.com 2222 git /ops/fleet.git"],
      ["https://Git.Example.com:443/Ops/fleet.git", "https git.example.com 443 - /Ops/fleet.git"],
      ["git@git.example.com:ops/fleet.git", "ssh git.example.com 22 git ops/fleet.git"],
    ];
    for (const [text, expected] of urls) {
      const url = parseGitUrl(text);
      assert.ok(typeof url !== "string", text);
      assert.equal(`${url.protocol} ${url.host} ${url.port} ${url.user ?? "-"} ${url.path}`, expected);
    }
  });

  it("is nothing that another reader could take for a program, an option, a file or another host", () => {
    const urls = [
      "",
      "ext::sh -c id",
      "file:///etc/passwd",
      "git://host/x",
      "--upload-pack=id",
      "-oProxyCommand=id@host:x",
      "git@-oProxyCommand=id:x",
      "ssh://-oProxyCommand=id@host/x",
      "ssh://git@-host/x",
      "git@host:-x",
      "git@host:x;id",
      "git@host:x'$(id)'",
      "git@host:a/../b",
      "C:\\x",
      "\\\\server\\share\\x.git",
      "https:\\\\host\\x",
      "https://host\\@other/x",
      "https://host/x y",
      "https://host/x\n",
      "https://ho\tst/x",
      "https://host/x\u001b[2J",
      "https://hóst/x",
      "https://user@host/x",
      "https://user:password@host/x",
      "https://host/x?y",
      "https://host/x#y",
      "https://host",
      "https:host/x",
      "https:///host/x",
      "https://@host/x",
      "https://:@host/x",
      "https://ho%73t/x",
      "https://0x7f.1/x",
      "https://2130706433/x",
      "https://host/a/../x",
      "https://host/a/%2E%2e/x",
      "https://host/x?",
      "https://host/x#",
      "ssh://git:@host/x",
      "ssh://git@host/a/../x",
      `https://host/${"x".repeat(3_000)}`,
    ];
    for (const text of urls) {
      const problem = parseGitUrl(text);
      assert.ok(typeof problem === "string", text);
      assert.ok(!problem.includes("password@"));
    }
  });
});
