import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { type GitUrl, parseGitUrl } from "../../../../api/git/git-url.ts";
import { postCommitStatus } from "../../../../controllers/git-source/commit-status/post-commit-status.ts";
import { type CommitStatus, statusRequest } from "../../../../controllers/git-source/commit-status/status-request.ts";
import { type RecordingServer, recordingServer } from "./recording-server.ts";

const token = "glpat-Zx81kQ0vLm";
const commit = "0123456789abcdef0123456789abcdef01234567";

const repositoryAt = (text: string): GitUrl => {
  const url = parseGitUrl(text);
  if (typeof url === "string") throw new Error(url);
  return url;
};

const status = (changes: Partial<CommitStatus> = {}): CommitStatus => ({
  type: "GitHub",
  repository: repositoryAt("https://git.example.com/ops/fleet.git"),
  token,
  commit,
  state: "success",
  description: "Applied main@sha1:0123456",
  context: "wctl/box-1/ops/fleet",
  ...changes,
});

const urlOf = (changes: Partial<CommitStatus>): string => {
  const request = statusRequest(status(changes));
  return typeof request === "string" ? request : request.url.href;
};

describe("statusRequest", () => {
  it("finds the API of each kind of server from the URL of the repository", () => {
    const gitlab = { type: "GitLab", repository: repositoryAt("git@gitlab.example.com:group/sub/fleet.git") } as const;
    assert.deepEqual(
      [
        urlOf({}),
        urlOf({ repository: repositoryAt("https://github.com/ops/fleet") }),
        urlOf({ repository: repositoryAt("git@github.com:ops/fleet.git") }),
        urlOf(gitlab),
        urlOf({ type: "Gitea", repository: repositoryAt("https://git.example.com:3000/ops/fleet.git") }),
        urlOf({ type: "Gitea", apiUrl: "https://other.example.com/git/api/v1/" }),
      ],
      [
        `https://git.example.com/api/v3/repos/ops/fleet/statuses/${commit}`,
        `https://api.github.com/repos/ops/fleet/statuses/${commit}`,
        `https://api.github.com/repos/ops/fleet/statuses/${commit}`,
        `https://gitlab.example.com/api/v4/projects/group%2Fsub%2Ffleet/statuses/${commit}`,
        `https://git.example.com:3000/api/v1/repos/ops/fleet/statuses/${commit}`,
        `https://other.example.com/git/api/v1/repos/ops/fleet/statuses/${commit}`,
      ],
    );
  });

  it("says what is wrong with a URL, and sends no token in the clear", () => {
    assert.match(urlOf({ apiUrl: "http://git.example.com/api/v1" }), /must be https/);
    assert.match(urlOf({ apiUrl: "https://me:pw@git.example.com/" }), /must not hold credentials/);
    assert.match(urlOf({ apiUrl: "https://git.example.com/?x=1" }), /must not have a query/);
    assert.match(urlOf({ repository: repositoryAt("https://git.example.com/fleet.git") }), /OWNER\/REPOSITORY/);
    assert.match(urlOf({ repository: repositoryAt("https://git.example.com/a/b/c.git") }), /OWNER\/REPOSITORY/);
    assert.match(urlOf({ repository: repositoryAt("git@git.example.com:%2e%2e/admin") }), /OWNER\/REPOSITORY/);
    assert.match(urlOf({ type: "GitLab", repository: repositoryAt("https://git.example.com/a/%zz") }), /OWNER\/REPO/);
  });

  it("brings the description into one line of 140 characters without secrets", () => {
    const description = `web.yaml:3: bad\n\u001b[31m ${token} hunter2hunter2 ${"x".repeat(300)}`;
    const request = statusRequest(status({ description, secrets: ["hunter2hunter2"] }));
    assert.ok(typeof request !== "string");
    const sent = (JSON.parse(request.body) as { description: string }).description;
    assert.equal(sent.length, 140);
    assert.match(sent, /^web\.yaml:3: bad \\x1b\[31m \*\*\* \*\*\* x+…$/);
  });
});

describe("postCommitStatus", () => {
  let server: RecordingServer;
  before(async () => {
    server = await recordingServer();
  });
  after(() => server.close());
  beforeEach(() => {
    server.requests.length = 0;
    server.answer = (response) => response.writeHead(201).end("{}");
  });

  const post = (changes: Partial<CommitStatus> = {}, signal = new AbortController().signal) =>
    postCommitStatus(status({ apiUrl: `https://localhost:${server.port}/api`, ca: server.ca, ...changes }), signal);

  const refusal = async (changes: Partial<CommitStatus> = {}): Promise<{ problem: string; worthRetrying: boolean }> => {
    const outcome = await post(changes);
    assert.ok(!outcome.posted);
    assert.ok(!JSON.stringify(outcome).includes(token), "no token in what is told");
    return outcome;
  };

  it("POSTs what each kind of server expects", async () => {
    for (const type of ["GitHub", "GitLab", "Gitea"] as const) {
      assert.deepEqual(await post({ type, state: "failure" }), { posted: true });
    }
    const [description, context] = ["Applied main@sha1:0123456", "wctl/box-1/ops/fleet"];
    const seen = server.requests.map(({ method, url, headers, body }) => [
      `${method} ${url}`,
      headers.authorization ?? headers["private-token"],
      body,
    ]);
    assert.deepEqual(seen, [
      [`POST /api/repos/ops/fleet/statuses/${commit}`, `Bearer ${token}`, { state: "failure", context, description }],
      [`POST /api/projects/ops%2Ffleet/statuses/${commit}`, token, { state: "failed", name: context, description }],
      [`POST /api/repos/ops/fleet/statuses/${commit}`, `token ${token}`, { state: "failure", context, description }],
    ]);
    assert.ok(server.requests.every(({ headers }) => headers["content-type"] === "application/json"));
  });

  it("tells people what the server says, and whether another try may help", async () => {
    const answers = (code: number, body: string): Promise<{ problem: string; worthRetrying: boolean }> => {
      server.answer = (response) => response.writeHead(code).end(body);
      return refusal();
    };
    const denied = await answers(401, JSON.stringify({ message: `Bad credentials ${token}` }));
    assert.match(
      denied.problem,
      /^localhost:\d+ answers 401 to the commit status: Bad credentials \*\*\*; look at the token/,
    );
    assert.equal(denied.worthRetrying, false);
    assert.match((await answers(404, "<html>")).problem, /answers 404 to the commit status; there is no such project/);
    assert.equal((await answers(502, "")).worthRetrying, true);
    assert.equal((await answers(429, "")).worthRetrying, true);
    server.answer = (response) => response.writeHead(403, { "x-ratelimit-remaining": "0" }).end("{}");
    const tooFast = await refusal();
    assert.match(tooFast.problem, /answers 403 to the commit status; it takes no more for a while$/);
    assert.equal(tooFast.worthRetrying, true);
    assert.match((await answers(400, `{"message":{"state":["is bad\\nreally"]}}`)).problem, /is bad/);
    assert.ok((await answers(422, JSON.stringify({ message: "x".repeat(10_000_000) }))).problem.length < 400);
  });

  it("waits for nothing more of an answer that is good", async () => {
    server.answer = (response) => response.writeHead(201).write("{");
    assert.deepEqual(await post({}, AbortSignal.timeout(5_000)), { posted: true });
  });

  it("follows a redirect on its own host only, and not for ever", async () => {
    server.answer = (response, { url }) =>
      url.startsWith("/repositories/")
        ? response.writeHead(201).end("{}")
        : response.writeHead(307, { location: "/repositories/7/statuses" }).end();
    assert.deepEqual(await post(), { posted: true });
    assert.equal(server.requests[1]?.headers.authorization, `Bearer ${token}`);

    server.requests.length = 0;
    server.answer = (response) => response.writeHead(307, { location: `https://127.0.0.1:${server.port}/x` }).end();
    assert.match((await refusal()).problem, /redirects to https:\/\/127\.0\.0\.1:\d+, which is not followed/);
    assert.equal(server.requests.length, 1);

    server.answer = (response) => response.writeHead(302, { location: "/login" }).end();
    assert.match((await refusal()).problem, /answers 302 and redirects/);

    server.requests.length = 0;
    server.answer = (response, { url }) => response.writeHead(308, { location: url }).end();
    assert.match((await refusal()).problem, /redirects/);
    assert.equal(server.requests.length, 4);
  });

  it("returns what keeps it from the server, and rejects when it is aborted", async (t) => {
    const name = "NODE_TLS_REJECT_UNAUTHORIZED";
    const before = process.env[name];
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
    process.env[name] = "0";
    assert.match((await refusal({ apiUrl: "https://localhost:1/" })).problem, /cannot be sent to localhost:1: /);
    const { ca: _, ...untrusted } = status({ apiUrl: `https://localhost:${server.port}/` });
    const outcome = await postCommitStatus(untrusted, new AbortController().signal);
    assert.ok(!outcome.posted && /certificate/.test(outcome.problem) && outcome.worthRetrying);
    const aborting = new AbortController();
    server.answer = () => aborting.abort();
    await assert.rejects(post({}, aborting.signal), { name: "AbortError" });
  });

  it("goes through a proxy, which sees no token", async (t) => {
    const seen: string[] = [];
    const sockets: Socket[] = [];
    const proxy = createServer().on("connect", ({ url, headers }: IncomingMessage, client: Socket) => {
      seen.push(`${url} ${JSON.stringify(headers)}`);
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      const far = connect(server.port, "127.0.0.1");
      sockets.push(client, far);
      far.pipe(client).pipe(far);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    t.after(() => {
      for (const one of sockets) one.destroy();
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;
    assert.deepEqual(await post({ proxy: `http://me:pw@127.0.0.1:${port}` }), { posted: true });
    assert.equal(server.requests.length, 1);
    assert.equal(seen.length, 1);
    assert.match(seen[0]!, new RegExp(`^localhost:${server.port} .*"proxy-authorization":"Basic `));
    assert.doesNotMatch(seen[0]!, new RegExp(token));
    proxy.close();
    for (const one of sockets) one.destroy();
    const { problem, worthRetrying } = await refusal({ proxy: "http://me:pw@127.0.0.1:1" });
    assert.match(
      problem,
      /^the commit status cannot be sent to localhost:\d+: the proxy 127\.0\.0\.1:1 cannot be reached/,
    );
    assert.equal(worthRetrying, true);
  });
});
