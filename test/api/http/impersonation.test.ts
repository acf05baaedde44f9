import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { HttpClient } from "../../../api/http/http-client.ts";
import { type Impersonation, impersonationHeaders } from "../../../api/http/impersonation.ts";
import { processes } from "../../../api/scheme.ts";
import { TestServer } from "../../apiserver/test-server.ts";

describe("acting as somebody else", () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  async function list(impersonate: Impersonation): Promise<number> {
    const { ca, admin } = server.certificates;
    const client = new HttpClient({ server: server.url, ca, cert: admin.cert, key: admin.key, impersonate });
    return client
      .list(processes)
      .then(({ items }) => items.length)
      .finally(() => client.close());
  }

  it("has the other's rights, and not one's own", async () => {
    await assert.rejects(list({ user: "jane" }), {
      reason: "Forbidden",
      message: /^processes\.wctl\.dev is forbidden: User "jane"/,
    });
    await assert.rejects(list({ user: "jane", groups: ["devs", "ops"] }), { reason: "Forbidden" });
    assert.equal(await list({ user: "jane", groups: ["devs", "system:masters"] }), 0, "each group is told");
  });

  it("escapes what a header can't be called", () => {
    assert.deepEqual(impersonationHeaders({ user: "jane", uid: "1", extra: { "Example.com/Scopes": ["a", "b"] } }), {
      "impersonate-user": "jane",
      "impersonate-uid": "1",
      "impersonate-extra-example.com%2Fscopes": ["a", "b"],
    });
  });
});
