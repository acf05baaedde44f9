/** `kubectl --as` is refused and never served with the caller's own rights. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { processesPath, processManifest, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

describe("impersonation", () => {
  const headers: Record<string, string>[] = [
    { "Impersonate-User": "jane" },
    { "impersonate-user": "" },
    { "Impersonate-Group": "system:masters" },
    { "Impersonate-Uid": "1" },
    { "Impersonate-Extra-scopes": "view" },
    { "IMPERSONATE-SOMETHING-NEW": "x" },
  ];
  for (const one of headers) {
    it(`by ${JSON.stringify(one)} is refused on every path, whoever asks`, async () => {
      for (const path of [
        processesPath,
        `${processesPath}/none`,
        "/healthz",
        "/version",
        "/api",
        "/metrics",
        "/nothing",
      ]) {
        for (const as of ["admin", "jane", "nobody"] as const) {
          const { code, json } = await server.ask("GET", path, { headers: one, as });
          assert.equal(code, 403, `${path} as ${as}`);
          assert.deepEqual([json.kind, json.reason], ["Status", "Forbidden"]);
          assert.match(json.message, /impersonation is not supported.*--as/);
        }
      }
    });
  }

  it("changes nothing", async () => {
    const ask = { headers: { "Impersonate-User": "jane" }, body: processManifest("theirs") };
    assert.equal((await server.ask("POST", processesPath, ask)).code, 403);
    assert.equal((await server.ask("GET", `${processesPath}/theirs`)).code, 404);
  });
});
