import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { instances, processes } from "../../../api/scheme.ts";
import { Desk, rolledOut } from "./desk.ts";

let desk: Desk;
before(async () => {
  desk = await Desk.open();
});
after(() => desk.close());
beforeEach(async () => {
  for (const resource of [processes, instances]) {
    const { items } = await desk.client.list<never>(resource as never);
    for (const { metadata } of items as { metadata: { namespace: string; name: string } }[]) {
      await desk.client.delete(resource as never, `${metadata.namespace}/${metadata.name}`);
    }
  }
});

describe("wctl get", () => {
  it("prints the server's table", async () => {
    await desk.process("web", { replicas: 2 }, rolledOut(2));
    const { code, out, err } = await desk.wctl("get processes");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^NAME {3}READY {3}STATUS {4}RESTARTS {3}AGE\nweb {4}2\/2 {5}Running {3}\S* +\d+s\n$/);
  });

  it("says on standard error that there is nothing, and succeeds", async () => {
    assert.deepEqual(await desk.wctl("get processes"), {
      code: 0,
      out: "",
      err: "No resources found in default namespace.\n",
    });
    assert.equal((await desk.wctl("get processes -A")).err, "No resources found\n");
    assert.deepEqual(await desk.wctl("get processes -l a=b --ignore-not-found"), { code: 0, out: "", err: "" });
  });

  it("puts the kind before the names when there are several kinds, and a blank line between them", async () => {
    const web = await desk.process("web", {}, rolledOut(1));
    await desk.instance(web, 0, { phase: "Ready", ready: true });
    for (const line of ["get all", "get processes,instances", "get process/web instance/web-0"]) {
      const { out } = await desk.wctl(line);
      assert.match(
        out,
        /^NAME +READY[\s\S]*\nprocess\.wctl\.dev\/web +[\s\S]*\n\nNAME +READY[\s\S]*\ninstance\.wctl\.dev\/web-0 /,
        line,
      );
    }
  });

  it("prints what it finds of several names, then reports the missing ones", async () => {
    await desk.process("web");
    const { code, out, err } = await desk.wctl("get process web ghost");
    assert.equal(code, 1);
    assert.match(out, /^NAME.*\nweb /);
    assert.equal(err, 'Error from server (NotFound): processes.wctl.dev "ghost" not found\n');
    assert.equal((await desk.wctl("get process web ghost --ignore-not-found")).code, 0);
  });

  it("follows the pages of a long list", async () => {
    for (let index = 0; index < 7; index++) await desk.process(`p${index}`);
    const { out } = await desk.wctl("get proc --chunk-size=3 --no-headers");
    assert.equal(out.trim().split("\n").length, 7);
    const json = JSON.parse((await desk.wctl("get proc --chunk-size=3 -o json")).out);
    assert.equal(json.items.length, 7);
  });

  it("selects by label and by field", async () => {
    await desk.process("web", {}, undefined, { labels: { tier: "front" } });
    await desk.process("db", {}, undefined, { labels: { tier: "back" } });
    assert.match((await desk.wctl("get proc -l tier=front --show-labels")).out, /^NAME.*LABELS\nweb .* tier=front\n$/);
    assert.match((await desk.wctl("get proc --field-selector metadata.name=db -L tier")).out, /TIER\ndb .* back\n$/);
  });

  it("prints objects as JSON and YAML with sorted keys and without managedFields", async () => {
    await desk.process("web", { replicas: 2 });
    const { out } = await desk.wctl("get process web -o json");
    assert.match(
      out,
      /^\{\n {4}"apiVersion": "wctl.dev\/v1",\n {4}"kind": "Process",\n {4}"metadata": \{\n {8}"creationTimestamp"/,
    );
    assert.equal(JSON.parse(out).metadata.managedFields, undefined);
    const list = JSON.parse((await desk.wctl("get processes -o json")).out);
    assert.deepEqual([list.kind, list.apiVersion, list.items.length], ["List", "v1", 1]);
    const yaml = (await desk.wctl("get process web -oyaml")).out;
    assert.match(yaml, /^apiVersion: wctl.dev\/v1\nkind: Process\nmetadata:\n {2}creationTimestamp: /);
  });

  it("prints names", async () => {
    await desk.process("web");
    assert.equal((await desk.wctl("get proc,cm -o name")).out, "process.wctl.dev/web\n");
  });

  it("goes on with every change when watching, until it is interrupted", async () => {
    await desk.process("web", {}, rolledOut(1));
    const stop = new AbortController();
    let written = "";
    const onWrite = (text: string): void => {
      written += text;
      if (written.includes("web") && !written.includes("later")) void desk.process("later").catch(() => {});
      if (written.includes("later")) stop.abort();
    };
    const { code, out } = await desk.wctl("get processes -w --output-watch-events", { signal: stop.signal, onWrite });
    assert.equal(code, 0);
    assert.match(out, /^EVENT +NAME +READY.*\nADDED +web .*\nADDED +later /);
  });

  const refusals: [string, string][] = [
    ["get", "error: You must specify the type of resource to get.\nSee 'wctl get --help' for help and examples.\n"],
    ["get proceses", 'error: the server doesn\'t have a resource type "proceses"\nDid you mean "processes"?\n'],
    [
      "get processes -o jsn",
      'error: unable to match a printer suitable for the output format "jsn", allowed formats are: ',
    ],
    ["get process web -A", "error: a resource cannot be retrieved by name across all namespaces\n"],
    ["get all -w", "error: you may only specify a single resource type\n"],
    ["get process web -l a=b", "error: name cannot be provided when a selector is specified\n"],
    ["get process web process/web", "error: there is no need to specify a resource type as a separate argument"],
    ["get processes --field-selector spec.command=x", "Error from server (BadRequest): "],
    ["get processes -l a=(", "Error from server (BadRequest): "],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => {
      const { code, out, err } = await desk.wctl(line);
      assert.deepEqual([code, out], [1, ""]);
      assert.ok(err.startsWith(message), err);
    });
  }
});

describe("wctl delete", () => {
  it("deletes by name and by selector, and says so", async () => {
    await desk.process("web");
    await desk.process("db", {}, undefined, { labels: { tier: "back" } });
    assert.deepEqual(await desk.wctl("delete process web --cascade=background"), {
      code: 0,
      out: 'process.wctl.dev "web" deleted\n',
      err: "",
    });
    assert.equal(
      (await desk.wctl("delete processes -l tier=back --cascade=background")).out,
      'process.wctl.dev "db" deleted\n',
    );
    assert.equal((await desk.client.list(processes)).items.length, 0);
  });

  it("returns only when the object is gone", async ({ signal }) => {
    const web = await desk.process("web", {}, undefined, { finalizers: ["example.com/hold"] });
    const running = desk.wctl("delete process web --cascade=background");
    const done = await Promise.race([running.then(() => "returned"), untilDeleting()]);
    assert.equal(done, "deleting");
    await desk.client.patch(processes, "default/web", { type: "merge", body: { metadata: { finalizers: null } } });
    assert.equal((await running).code, 0);
    assert.ok(web.metadata.uid);

    async function untilDeleting(): Promise<string> {
      for await (const event of desk.client.watch(processes, {
        signal,
        resourceVersion: web.metadata.resourceVersion,
      })) {
        if (event.type === "MODIFIED" && event.object.metadata.deletionTimestamp) return "deleting";
      }
      return "never";
    }
  });

  it("fails when the time is up, naming what is left", async () => {
    await desk.process("web", {}, undefined, { finalizers: ["example.com/hold"] });
    const { code, err } = await desk.wctl("delete process web --cascade=background --timeout=50ms");
    await desk.client.patch(processes, "default/web", { type: "merge", body: { metadata: { finalizers: null } } });
    assert.deepEqual([code, err], [1, "error: timed out waiting for the condition on processes/web\n"]);
  });

  it("tries only, when told so", async () => {
    await desk.process("web");
    assert.equal((await desk.wctl("delete process web --dry-run")).out, 'process.wctl.dev "web" deleted (dry run)\n');
    assert.equal(
      (await desk.wctl("delete process web --dry-run=server")).out,
      'process.wctl.dev "web" deleted (server dry run)\n',
    );
    assert.equal((await desk.client.list(processes)).items.length, 1);
  });

  it("deletes the others when one is missing", async () => {
    await desk.process("web");
    const { code, out, err } = await desk.wctl("delete process ghost web --cascade=background");
    assert.deepEqual([code, out], [1, 'process.wctl.dev "web" deleted\n']);
    assert.equal(err, 'Error from server (NotFound): processes.wctl.dev "ghost" not found\n');
    assert.equal((await desk.wctl("delete process ghost --ignore-not-found")).code, 0);
  });

  it("wants to know what", async () => {
    assert.equal(
      (await desk.wctl("delete processes")).err,
      "error: resource(s) were provided, but no name was specified\n",
    );
    assert.equal((await desk.wctl("delete processes --all")).out, "No resources found\n");
  });
});

describe("wctl scale", () => {
  const replicas = async (): Promise<number | undefined> =>
    (await desk.client.get(processes, "default/web")).spec.replicas;

  it("sets the number of replicas", async () => {
    await desk.process("web");
    assert.deepEqual(await desk.wctl("scale process/web --replicas=3"), {
      code: 0,
      out: "process.wctl.dev/web scaled\n",
      err: "",
    });
    assert.equal(await replicas(), 3);
  });

  it("refuses when another number is wanted now", async () => {
    await desk.process("web", { replicas: 2 });
    const { code, err } = await desk.wctl("scale process web --current-replicas=5 --replicas=3");
    assert.deepEqual([code, err], [1, "error: Expected replicas to be 5, was 2\n"]);
    assert.equal((await desk.wctl("scale process web --current-replicas=2 --replicas=4")).code, 0);
    assert.equal(await replicas(), 4);
  });

  it("needs a number, and something that has replicas", async () => {
    assert.match((await desk.wctl("scale process/web")).err, /^error: The --replicas=COUNT flag is required/);
    assert.match(
      (await desk.wctl("scale namespace/default --replicas=1")).err,
      /^error: cannot scale namespace\/default/,
    );
  });
});

describe("wctl rollout", () => {
  it("restart writes the time of the restart into the template", async () => {
    await desk.process("web");
    const { out } = await desk.wctl("rollout restart process/web");
    assert.equal(out, "process.wctl.dev/web restarted\n");
    assert.match((await desk.client.get(processes, "default/web")).spec.restartedAt!, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("restart twice at the same moment restarts twice", async () => {
    await desk.process("web");
    const times: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      await desk.wctl("rollout restart process/web");
      times.push((await desk.client.get(processes, "default/web")).spec.restartedAt);
    }
    assert.equal(new Set(times).size, 3, times.join());
    assert.deepEqual(times, times.toSorted());
  });

  it("status follows until the rollout is done", async () => {
    const web = await desk.process("web", { replicas: 2 }, { observedGeneration: 1, replicas: 1, updatedReplicas: 1 });
    let finished = false;
    const onWrite = (): void => {
      if (finished) return;
      finished = true;
      const { resourceVersion: _, ...metadata } = web.metadata;
      void desk.client.updateStatus(processes, { ...web, metadata, status: rolledOut(2) } as never);
    };
    const { code, out } = await desk.wctl("rollout status process/web --timeout=5s", { onWrite });
    assert.equal(code, 0);
    assert.equal(
      out,
      'Waiting for process "web" rollout to finish: 1 out of 2 new replicas have been updated...\nprocess "web" successfully rolled out\n',
    );
  });

  it("status fails when the time is up, when the deadline is exceeded, and for what is not there", async () => {
    await desk.process("web", { replicas: 2 }, { observedGeneration: 1 });
    assert.equal(
      (await desk.wctl("rollout status process/web --timeout=50ms")).err,
      "error: timed out waiting for the condition\n",
    );
    const conditions = [
      {
        type: "Progressing",
        status: "False",
        reason: "ProgressDeadlineExceeded",
        message: "late",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ];
    await desk.process("late", {}, { observedGeneration: 1, conditions });
    assert.deepEqual(await desk.wctl("rollout status process/late"), {
      code: 1,
      out: "",
      err: 'error: process "late" exceeded its progress deadline: late\n',
    });
    assert.equal(
      (await desk.wctl("rollout status process/ghost")).err,
      'Error from server (NotFound): processes.wctl.dev "ghost" not found\n',
    );
  });
});
