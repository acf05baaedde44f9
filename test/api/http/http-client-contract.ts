import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { it } from "node:test";
import { gzipSync } from "node:zlib";
import { StatusError } from "../../../api/errors.ts";
import { ConnectionError } from "../../../api/http/connection-error.ts";
import type { HttpClient } from "../../../api/http/http-client.ts";
import type { RestClientOptions } from "../../../api/http/rest-client.ts";
import { namespaces, processes } from "../../../api/scheme.ts";
import type { Process } from "../../../api/types.generated.ts";

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

/** The way between a client and a server. */
export interface Lane {
  /** Has the server listen, and resolves with a client of it. */
  clientOf(server: Server, options?: RestClientOptions): Promise<HttpClient>;
  /** What is called at the end, the last first. */
  readonly closers: (() => unknown)[];
}

/** A server with one behaviour, a client of it, and what it was asked. */
export async function serve(
  lane: Lane,
  respond: (response: ServerResponse, request: IncomingMessage) => void,
  options: RestClientOptions = {},
): Promise<{ client: HttpClient; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      respond(response, request);
    });
  };
  const server = createServer(listener).on("connection", () => connections++);
  const client = await lane.clientOf(server, options);
  lane.closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => client.close(),
  );
  return { client, seen, connections: () => connections };
}

export const json =
  (value: unknown, code = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };

export const web = {
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name: "web", namespace: "default" },
  spec: { command: "/bin/web" },
} satisfies Process;
const base = "/apis/wctl.dev/v1/namespaces/default/processes";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What every Client over HTTP does, whatever its requests travel on. */
export function httpClientContract(lane: Lane): void {
  it("asks in Kubernetes' paths, verbs, queries and content types", async () => {
    const { client, seen } = await serve(lane, json({ ...web, items: [web] }));
    const write = { fieldManager: "me", dryRun: true, fieldValidation: "Strict" } as const;
    await client.get(processes, "default/web");
    await client.get(namespaces, "default");
    await client.list(processes, {
      labelSelector: "a in (b)",
      fieldSelector: "metadata.name=web",
      limit: 5,
      continue: "t",
    });
    await client.create(processes, web, write);
    await client.update(processes, web);
    await client.updateStatus(processes, web);
    await client.patch(processes, "default/web", { type: "merge", body: { spec: null } }, { subresource: "scale" });
    await client.patch(processes, "default/web", { type: "json", body: [{ op: "remove", path: "/spec" }] });
    await client.delete(processes, "default/web", {
      propagation: "Foreground",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      dryRun: true,
    });
    const query = "?fieldManager=me&dryRun=All&fieldValidation=Strict";
    assert.deepEqual(
      seen.map(({ method, url }) => `${method} ${url}`),
      [
        `GET ${base}/web`,
        "GET /api/v1/namespaces/default",
        "GET /apis/wctl.dev/v1/processes?labelSelector=a+in+%28b%29&fieldSelector=metadata.name%3Dweb&limit=5&continue=t",
        `POST ${base}${query}`,
        `PUT ${base}/web`,
        `PUT ${base}/web/status`,
        `PATCH ${base}/web/scale`,
        `PATCH ${base}/web`,
        `DELETE ${base}/web`,
      ],
    );
    assert.deepEqual(JSON.parse(seen[3]!.body), web);
    assert.equal(seen[6]!.headers["content-type"], "application/merge-patch+json");
    assert.equal(seen[7]!.headers["content-type"], "application/json-patch+json");
    assert.deepEqual(JSON.parse(seen[8]!.body), {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      dryRun: ["All"],
    });
  });

  it("fills in kind and version that a list leaves off", async () => {
    const { client } = await serve(
      lane,
      json({ kind: "ProcessList", metadata: { resourceVersion: "7" }, items: [{ metadata: { name: "a" } }] }),
    );
    const { items, metadata } = await client.list(processes);
    assert.deepEqual(items, [{ apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "a" } }]);
    assert.equal(metadata.resourceVersion, "7");
  });

  it("tells an object that finalizers hold from one that is gone", async () => {
    const held = await serve(
      lane,
      json({ ...web, metadata: { ...web.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    );
    assert.equal((await held.client.delete(processes, "default/web"))?.metadata.name, "web");
    const gone = await serve(lane, json({ kind: "Status", status: "Success", details: { uid: "u" } }));
    assert.equal(await gone.client.delete(processes, "default/web"), undefined);
  });

  it("turns a Status into its StatusError, and hands on every warning", async () => {
    const warnings: string[] = [];
    const status = new StatusError("NotFound", 'processes.wctl.dev "x" not found', {
      details: { name: "x" },
    }).toStatus();
    const warning = '299 - "unknown field \\"spec.bogus\\"", 299 wctl "second, with a comma"';
    const { client } = await serve(lane, json(status, 404, { warning }), { onWarning: (text) => warnings.push(text) });
    await assert.rejects(client.get(processes, "default/x"), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual(error.toStatus(), status);
      return true;
    });
    assert.deepEqual(warnings, ['unknown field "spec.bogus"', "second, with a comma"]);
  });

  const junk: [what: string, code: number, text: string, expected: RegExp, reason: string][] = [
    ["HTML that claims success", 200, "<html><h1>Welcome</h1>", /is not an API server/, "InternalError"],
    ["a JSON list", 200, "[]", /is not an API server/, "InternalError"],
    ["null", 200, "null", /is not an API server/, "InternalError"],
    ["an object of no kind", 200, "{}", /is not an object of kind Process/, "InternalError"],
    ["nothing", 200, "", /is not an API server/, "InternalError"],
    [
      "an HTML error of a proxy",
      502,
      "<html>\u001b[31mBad\nGateway",
      /an error on the server \("<html> \[31mBad Gateway"\) has prevented/,
      "InternalError",
    ],
    ["an empty 503", 503, "", /an error on the server \("HTTP 503"\)/, "ServiceUnavailable"],
    ["a bare 401", 401, "no", /answered with HTTP 401: "no"/, "Unauthorized"],
    ["half a Status", 404, '{"kind":"Status"}', /answered with HTTP 404/, "NotFound"],
    [
      "a kind that is not installed",
      404,
      "404 page not found\n",
      /^the server could not find the requested resource$/,
      "NotFound",
    ],
    ["a redirect", 302, "", /HTTP 302/, "InternalError"],
  ];
  for (const [what, code, text, message, reason] of junk) {
    it(`takes ${what} for an error, not a crash`, async () => {
      const { client } = await serve(lane, (response) =>
        response.writeHead(code, { location: "http://127.0.0.1:1/" }).end(text),
      );
      await assert.rejects(client.get(processes, "default/web"), { reason, message });
    });
  }

  it("unpacks gzip", async () => {
    const { client } = await serve(lane, (response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(web)));
    });
    assert.deepEqual(await client.get(processes, "default/web"), web);
    const broken = await serve(lane, (response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("plain"),
    );
    await assert.rejects(broken.client.get(processes, "default/web"), ConnectionError);
  });

  it("refuses an answer without end", async () => {
    const { client } = await serve(lane, (response) => {
      response.writeHead(400);
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more).on("error", () => {});
      more();
    });
    await assert.rejects(client.get(processes, "default/web"), /larger than 1048576 bytes/);
  });

  it("says that a connection was cut", async () => {
    const cut = await serve(lane, (response) => response.destroy());
    await assert.rejects(cut.client.create(processes, web), /closed the connection$/);
    const half = await serve(lane, (response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      setImmediate(() => response.destroy());
    });
    await assert.rejects(half.client.get(processes, "default/web"), ConnectionError);
  });

  /** Whoever connects gets `head`, then `more` as long as it is taken. */
  const speaking = async (head: string, more = ""): Promise<HttpClient> => {
    const server = createTcpServer((socket) => {
      const fill = (): void => {
        while (more !== "" && !socket.destroyed && socket.write(more));
      };
      socket.on("error", () => {}).on("drain", fill);
      socket.once("data", () => socket.write(head, fill));
    });
    const client = await lane.clientOf(server);
    lane.closers.push(
      () => server.close(),
      () => client.close(),
    );
    return client;
  };
  const otherwise = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  it("gives up a server that leaves HTTP without being asked, or for another protocol than was asked for", async () => {
    const client = await speaking(otherwise);
    await assert.rejects(client.get(processes, "default/web"), /another protocol than HTTP$/);
    await assert.rejects(
      client.exec("default/web-0", { command: ["true"], stdin: false }),
      /another protocol than exec\.wctl\.dev$/,
    );
  });

  it("gives up a server that has interim answers, or headers, without end", async () => {
    const hints = await speaking("", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
    await assert.rejects(hints.get(processes, "default/web"), /interim answers without end$/);
    const headers = await speaking("HTTP/1.1 200 OK\r\n", `x: ${"y".repeat(1000)}\r\n`);
    await assert.rejects(headers.get(processes, "default/web"), ConnectionError);
  });

  it("gives up after the timeout, and at once when aborted", async () => {
    const slow = await serve(lane, () => {}, { timeoutMs: 50 });
    await assert.rejects(slow.client.get(processes, "default/web"), /no answer within 0.05s/);
    const controller = new AbortController();
    const silent = await serve(lane, () => controller.abort(new Error("enough")));
    await assert.rejects(silent.client.get(processes, "default/web", { signal: controller.signal }), /enough/);
    await assert.rejects(silent.client.get(processes, "default/web", { signal: controller.signal }), /enough/);
    assert.equal(silent.seen.length, 1);
  });

  it("takes a watch that says nothing, not even that there is nothing, for a server that has gone", async () => {
    const { client } = await serve(
      lane,
      (response) => response.write(`${JSON.stringify({ type: "ADDED", object: web })}\n`),
      {
        timeoutMs: 500, // Which is for the beginning only.
        silenceMs: 1_000,
      },
    );
    const got: string[] = [];
    await assert.rejects(
      async () => {
        for await (const { type } of client.watch(processes, { signal: new AbortController().signal })) got.push(type);
      },
      { reason: "ServiceUnavailable", message: /nothing was heard for 1s/ },
    );
    assert.deepEqual(got, ["ADDED"]);
  });

  it("asks for bookmarks for its own sake, and hands them only to who asked", async () => {
    const { client, seen } = await serve(lane, (response) =>
      response.end(`${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "9" } } })}\n`),
    );
    const { signal } = new AbortController();
    assert.deepEqual(await all(client.watch(processes, { signal })), []);
    assert.deepEqual(await all(client.watchTable(processes, { signal })), []);
    for (const { url } of seen) assert.match(url ?? "", /allowWatchBookmarks=true/);
  });

  it("watches from a revision, with bookmarks, until the server ends it", async () => {
    const events = [
      { type: "ADDED", object: web },
      { type: "BOOKMARK", object: { metadata: { resourceVersion: "9" } } },
      { type: "DELETED", object: web },
    ];
    const { client, seen } = await serve(lane, (response) =>
      response.end(events.map((one) => `${JSON.stringify(one)}\n`).join("")),
    );
    const options = {
      namespace: "default",
      resourceVersion: "5",
      bookmarks: true,
      signal: new AbortController().signal,
    };
    const got = await all(client.watch(processes, options));
    assert.deepEqual(got, [
      { type: "ADDED", object: web },
      { type: "BOOKMARK", resourceVersion: "9" },
      { type: "DELETED", object: web },
    ]);
    assert.equal(seen[0]!.url, `${base}?watch=true&resourceVersion=5&allowWatchBookmarks=true`);
  });

  it("ends a watch normally when aborted, and rejects with what an ERROR event says", async () => {
    const controller = new AbortController();
    const { client } = await serve(lane, (response) =>
      response.write(`${JSON.stringify({ type: "ADDED", object: web })}\n`),
    );
    let count = 0;
    for await (const _ of client.watch(processes, { signal: controller.signal })) {
      count++;
      controller.abort();
    }
    assert.equal(count, 1);
    const error = { type: "ERROR", object: new StatusError("Expired", "too old resource version: 1 (88)").toStatus() };
    const old = await serve(lane, (response) => response.end(`${JSON.stringify(error)}\n`));
    const watch = old.client.watch(processes, { signal: new AbortController().signal, resourceVersion: "1" });
    await assert.rejects(all(watch), { reason: "Expired", code: 410 });
  });

  it("asks for tables, of one and of many, and of a watch", async () => {
    const table = { kind: "Table", columnDefinitions: [{ name: "Name" }], rows: [{ cells: ["web"] }] };
    const { client, seen } = await serve(lane, (response, request) =>
      response.end(`${JSON.stringify(request.url?.includes("watch") ? { type: "ADDED", object: table } : table)}\n`),
    );
    assert.deepEqual(
      await client.table(processes, { namespace: "default", name: "web", includeObject: "Object" }),
      table,
    );
    await client.table(processes, { limit: 500 });
    const watch = client.watchTable(processes, { namespace: "default", signal: new AbortController().signal });
    assert.deepEqual(await all(watch), [{ type: "ADDED", table }]);
    assert.equal(seen[0]!.url, `${base}/web?includeObject=Object`);
    assert.equal(seen[1]!.url, "/apis/wctl.dev/v1/processes?limit=500");
    assert.match(seen[0]!.headers.accept ?? "", /as=Table;v=v1;g=meta\.k8s\.io/);
    const empty = await serve(lane, json({ kind: "Table", columnDefinitions: [], rows: null }));
    assert.deepEqual((await empty.client.table(processes)).rows, [], "as a server in Go writes none");
    const none = await serve(lane, json({ kind: "ProcessList", apiVersion: "wctl.dev/v1", metadata: {}, items: null }));
    assert.deepEqual((await none.client.list(processes)).items, []);
    const other = await serve(lane, json(web));
    await assert.rejects(other.client.list(processes), /not a list/);
    await assert.rejects(other.client.table(processes), /not a table/);
  });

  it("streams bytes as they come, and ends when aborted", async () => {
    const controller = new AbortController();
    const { client } = await serve(lane, (response) => response.write("one\n"));
    const chunks: string[] = [];
    for await (const chunk of client.stream("/logs", { signal: controller.signal })) {
      chunks.push(Buffer.from(chunk).toString());
      controller.abort();
    }
    assert.deepEqual(chunks, ["one\n"]);
  });
}
