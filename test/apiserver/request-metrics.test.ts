import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RequestMetrics } from "../../apiserver/request-metrics.ts";
import { processesPath, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

describe("metrics", () => {
  it("count by verb, resource and code", async () => {
    await server.ask("GET", processesPath);
    await server.ask("GET", `${processesPath}/none`);
    const { text, headers } = await server.ask("GET", "/metrics");
    assert.match(String(headers["content-type"]), /^text\/plain/);
    assert.match(text, /^wctl_apiserver_requests_total\{verb="list",resource="processes.wctl.dev",code="200"\} 1$/m);
    assert.match(text, /^wctl_apiserver_requests_total\{verb="get",resource="processes.wctl.dev",code="404"\} 1$/m);
    assert.match(
      text,
      /^wctl_apiserver_request_duration_seconds_bucket\{verb="list",resource="processes.wctl.dev",code="200",le="\+Inf"\} 1$/m,
    );
  });

  it("stay bounded whatever clients ask for", async () => {
    const before = (await server.ask("GET", "/metrics")).text.split("\n").length;
    for (let n = 0; n < 50; n++) {
      await server.ask("GET", `/apis/evil-${n}.dev/v1/things`);
      await server.ask("GET", `${processesPath}/name-${n}`);
      await server.ask("GET", `/apis/wctl.dev/v1/kind-${n}`);
    }
    const { text } = await server.ask("GET", "/metrics");
    const more = text.split("\n").length - before;
    assert.ok(more < 50, `${more} more lines for 150 requests of three sorts`);
    assert.doesNotMatch(text, /evil|name-|kind-/);
  });

  it("have buckets that add up", () => {
    const metrics = new RequestMetrics();
    for (const ms of [0.5, 3, 700, 90_000]) metrics.count("get", "x", 200, ms);
    const counts = [...metrics.text().matchAll(/le="[^"]+"\} (\d+)/g)].map((match) => Number(match[1]));
    assert.deepEqual(counts, [1, 2, 2, 2, 2, 3, 3, 3, 4]);
    assert.match(metrics.text(), /_sum\{[^}]+\} 90\.7035/);
    assert.match(metrics.text(), /_count\{[^}]+\} 4/);
  });
});
