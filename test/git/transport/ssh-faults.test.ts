import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { parseGitUrl } from "../../../api/git/git-url.ts";
import { GitThread, gitThreads } from "../../../git/repository/git-thread.ts";
import type { GitRemote } from "../../../git/transport/transport.ts";
import { systemClock } from "../../../lib/clock.ts";
import { eventually } from "../../eventually.ts";
import { GitRepo } from "../git-repo.ts";
import { noSshd, SshServer } from "../ssh-server.ts";

const never = new AbortController().signal;
const PATIENT_MS = 60_000;
const IMPATIENT_MS = 500;
const LIMITS = { files: 10, bytes: 1024 * 1024 };
const BANNER = "SSH-2.0-OpenSSH_9.2\r\n";

interface Row {
  says: (socket: Socket) => unknown;
  message: RegExp;
  isSlow?: true;
}

const drip = async (socket: Socket, text: string): Promise<void> => {
  for (let at = 0; !socket.destroyed; at = (at + 1) % text.length) {
    socket.write(text[at]!);
    await pause(20);
  }
};
const LATE = /did not answer in time, by ssh/;

/** Before anybody is let in. */
const strangers: Record<string, Row> = {
  "says nothing": { says: () => {}, message: LATE, isSlow: true },
  "ends at once": { says: (socket) => socket.end(), message: /cannot be reached by ssh/ },
  "is cut before its banner": { says: (socket) => socket.resetAndDestroy(), message: /cannot be reached by ssh/ },
  "is cut in its banner": { says: (socket) => socket.end(BANNER.slice(0, 9)), message: /cannot be reached by ssh/ },
  "says its banner a byte now and then": { says: (socket) => drip(socket, "x"), message: LATE, isSlow: true },
  "says its banner and nothing else": { says: (socket) => socket.write(BANNER), message: LATE, isSlow: true },
  "speaks something else": {
    says: (socket) => socket.end(`HTTP/1.1 400 Bad Request\r\n\r\n${"x".repeat(100_000)}`),
    message: /cannot be reached by ssh/,
  },
  "says zeros after its banner": {
    says: (socket) => socket.end(Buffer.concat([Buffer.from(BANNER), Buffer.alloc(100_000)])),
    message: /cannot be reached by ssh/,
  },
};

/** In the place of git. REPO is the repository. */
const commands: Record<string, { command: string; message: RegExp; isSlow?: true }> = {
  "stops in the middle of a pack": {
    command:
      "exec 3<&0; git-upload-pack REPO | { dd bs=1 count=5000 status=none; cat >/dev/null; cat <&3 >/dev/null; }",
    message: LATE,
    isSlow: true,
  },
  "sends a byte now and then": {
    command: "while printf 0; do sleep 0.05; done",
    message: LATE,
    isSlow: true,
  },
  "ends half a list in order": {
    command: "git-upload-pack REPO </dev/null | dd bs=1 count=300 status=none",
    message: /ends the session/,
  },
};

describe("of a server over ssh that fails it is told how, and the next fetch is as ever, when it", {
  skip: noSshd,
}, () => {
  let root: string;
  let server: SshServer;
  let key: string;
  let repo: GitRepo;
  const threads = gitThreads(systemClock, 1, 1);
  let thread: GitThread;
  let commit: string;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "wctl-ssh-faults-"));
    server = await SshServer.start(root);
    key = server.newKey("good");
    server.letIn("good");
    repo = new GitRepo(root);
    thread = new GitThread(join(root, "copy"), systemClock, threads, "");
  });
  after(async () => {
    thread.close();
    threads.close();
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  const credentials = () => ({ identity: key, knownHosts: server.knownHosts });
  const remote = (): GitRemote => ({ url: server.url(repo.bare), credentials: credentials() });
  const files = async (timeoutMs = PATIENT_MS) => {
    const wanted = { commit, path: ".", limits: LIMITS, which: "manifests" } as const;
    return (await thread.files(remote(), wanted, timeoutMs, never)).files.length;
  };

  for (const [what, { says, message, isSlow }] of Object.entries(strangers)) {
    it(what, async () => {
      const open = new Set<Socket>();
      const stranger = createServer((socket) => {
        open.add(socket);
        socket.on("error", () => {}).on("close", () => open.delete(socket));
        socket.resume();
        void says(socket);
      });
      stranger.listen(0, "127.0.0.1");
      await once(stranger, "listening");
      const url = parseGitUrl(`ssh://git@127.0.0.1:${(stranger.address() as AddressInfo).port}/x.git`);
      if (typeof url === "string") throw new Error(url);
      const asked = thread.resolve(
        { url, credentials: credentials() },
        undefined,
        isSlow ? IMPATIENT_MS : PATIENT_MS,
        never,
      );
      await assert.rejects(asked, { reason: "FetchFailed", message });
      await eventually(() => open.size === 0, "its connection is closed");
      stranger.close();
    });
  }

  for (const [what, { command, message, isSlow }] of Object.entries(commands)) {
    it(what, async () => {
      const noise = Array.from({ length: 1000 }, () => `# ${Math.random()}\n`).join("");
      commit = repo.commit({ "a.yaml": noise });
      server.letIn("good", command.replace("REPO", repo.bare));
      await assert.rejects(files(isSlow ? IMPATIENT_MS : PATIENT_MS), { reason: "FetchFailed", message });
      await eventually(() => server.open === 0, "its connection is closed");
      server.letIn("good");
      assert.equal(await files(), 1);
    });
  }
});
