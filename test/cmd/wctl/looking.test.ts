import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMaps, controllerRevisions, events, instances, nodes, processes, secrets } from "../../../api/scheme.ts";
import type { Event, Instance } from "../../../api/types.generated.ts";
import { recordOf } from "../../../controllers/process/history/record.ts";
import { Desk, rolledOut } from "./desk.ts";

const longAgo = "2026-01-01T00:00:00Z";

/** A process with two copies, one of them waiting for its next try, and what happened to them. */
async function furnish(desk: Desk): Promise<void> {
  const web = await desk.process("web", { replicas: 2, args: ["--name", "a b"] }, rolledOut(2), {
    labels: { app: "shop" },
  });
  const first = await desk.instance(web, 0, {
    phase: "Ready",
    ready: true,
    pid: 4711,
    restartCount: 0,
    state: { running: { startedAt: longAgo } },
    decision: { rule: "KeepRunning", message: "wanted and running", time: longAgo },
  });
  const second = await desk.instance(web, 1, {
    phase: "Backoff",
    ready: false,
    restartCount: 4,
    backoff: { failures: 5 },
    state: { waiting: { reason: "CrashLoopBackOff", message: "exit code 3", retryAt: "2100-01-01T00:00:00Z" } },
    lastState: {
      terminated: { exitCode: 3, reason: "Error", startedAt: longAgo, finishedAt: "2026-01-01T00:00:00.250Z" },
    },
    decision: { rule: "BackOff", message: "waiting before restart 5", time: longAgo, nextTry: "2100-01-01T00:00:00Z" },
  });
  for (const [revision, number] of Object.entries({ "web-b": 2, "web-a": 10 })) {
    await desk.client.create(
      controllerRevisions,
      recordOf(web, { revision, number, template: { command: "/bin/web" } }),
    );
  }
  await happened(desk, first, "Started", "Normal", 1);
  await happened(desk, second, "BackOff", "Warning", 3);
  desk.logs.set(first.metadata.uid, "one\ntwo\x1b[31m red\x07\n");
  desk.logs.set(second.metadata.uid, "three\nfour");
}

async function happened(
  desk: Desk,
  { metadata }: Instance,
  reason: string,
  type: "Normal" | "Warning",
  count: number,
): Promise<void> {
  const { name, namespace = "default", uid } = metadata as { name: string; namespace?: string; uid: string };
  await desk.client.create(events, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace },
    involvedObject: { apiVersion: "wctl.dev/v1", kind: "Instance", name, namespace, uid },
    type,
    reason,
    message: `${reason}\nhappened`,
    count,
    firstTimestamp: longAgo,
    lastTimestamp: longAgo,
    source: { component: "wctld" },
  } as Event);
}

describe("the verbs that look closer", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
    await furnish(desk);
  });
  after(() => desk.close());

  describe("wctl logs", () => {
    it("prints the bytes as they were written when nobody looks", async () => {
      assert.deepEqual(await desk.wctl("logs instance/web-0"), { code: 0, out: "one\ntwo\x1b[31m red\x07\n", err: "" });
    });

    it("shows colours on a terminal, each line's own, and no other control character", async () => {
      assert.equal((await desk.wctl("logs web-0", { isTTY: true })).out, "one\ntwo\x1b[31m red\x1b[0m\n");
    });

    it("chooses the running one of several instances, and says which", async () => {
      const { out, err } = await desk.wctl("logs process/web");
      assert.deepEqual([out.slice(0, 3), err], ["one", "Found 2 instances, using instance/web-0\n"]);
      assert.equal((await desk.wctl("logs web")).err, err);
    });

    it("prints all of them with their names", async () => {
      const { out, err } = await desk.wctl("logs process/web --all");
      assert.equal(err, "");
      assert.match(
        out,
        /^\[instance\/web-0\] one\n\[instance\/web-0\] two.*\n\[instance\/web-1\] three\n\[instance\/web-1\] four\n$/,
      );
      assert.match((await desk.wctl("logs -l wctl.dev/process=web --prefix")).out, /^\[instance\/web-0\] one/);
    });

    it("asks the server for what the flags say", async () => {
      const seen = desk.seenLogRequests();
      await desk.wctl("logs web-0 -f -p --since=90s --tail=7 --timestamps --limit-bytes=100");
      await desk.wctl("logs -l wctl.dev/process=web");
      const [asked, bySelector] = seen();
      assert.deepEqual(
        [asked?.follow, asked?.previous, asked?.sinceSeconds, asked?.tailLines, asked?.timestamps, asked?.limitBytes],
        [true, true, 90, 7, true, 100],
      );
      assert.equal(bySelector?.tailLines, 10);
    });

    it("asks for one run by its number, or for all", async () => {
      const seen = desk.seenLogRequests();
      await desk.wctl("logs web-0 --run=3");
      await desk.wctl("logs web-0 --all-runs");
      assert.deepEqual(seen(), [{ run: 3 }, { allRuns: true }]);
    });

    it("finds what copies wrote that are not there now, and says so", async () => {
      const { uid } = (await desk.process("away", { replicas: 0 })).metadata;
      assert.match((await desk.wctl("logs process/away")).err, /^error: process "away" has no instances/);
      desk.logs.set(`${uid}/0`, "last\n");
      desk.logs.set(`${uid}/1`, "also\n");
      const said = "Not there now: instance/away-0; this is what the last run wrote\n";
      for (const words of ["away", "process/away", "away-0", "instance/away-0"])
        assert.deepEqual(await desk.wctl(`logs ${words}`), { code: 0, out: "last\n", err: said }, words);
      assert.equal(
        (await desk.wctl("logs process/away --all")).out,
        "[instance/away-0] last\n[instance/away-1] also\n",
      );
      const seen = desk.seenLogRequests();
      await desk.wctl("logs away-1 --run=2");
      assert.deepEqual(seen().at(-1), { index: 1, run: 2 });
      assert.match((await desk.wctl("logs away-2")).err, /NotFound.*processes.wctl.dev "away-2" not found/);
      assert.match((await desk.wctl("logs instance/away-2")).err, /NotFound.*instances.wctl.dev "away-2" not found/);
      assert.match((await desk.wctl("logs process/away-0")).err, /NotFound.*processes.wctl.dev "away-0" not found/);
    });

    it("refuses to follow more logs than it may", async () => {
      const { code, err } = await desk.wctl("logs process/web --all -f --max-log-requests=1");
      assert.equal(code, 1);
      assert.match(err, /^error: you are attempting to follow 2 log streams, but maximum allowed concurrency is 1/);
    });

    const refusals: [string, RegExp][] = [
      ["logs", /^error: expected 'logs NAME'/],
      ["logs ghost", /^Error from server \(NotFound\): processes.wctl.dev "ghost" not found/],
      ["logs namespace/default", /^error: cannot get the logs from namespaces/],
      ["logs web --since=1s --since-time=2026-01-01T00:00:00Z", /^error: at most one of/],
      ["logs web --run=1 -p", /^error: at most one of --previous or --run may be specified/],
      ["logs web --run=0", /^error: --run must be at least 1/],
      ["logs web --since-time=yesterday", /^error: --since-time must be a time such as/],
    ];
    for (const [line, message] of refusals) {
      it(`refuses "${line}"`, async () => assert.match((await desk.wctl(line)).err, message));
    }
  });

  describe("wctl events", () => {
    it("lists them with how often they happened", async () => {
      const { out } = await desk.wctl("events");
      assert.match(out, /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/);
      assert.match(out, /\n\d+d +Normal +Started +instance\/web-0 +Started happened\n/);
      assert.match(out, /\n\d+d \(x3 over \d+d\) +Warning +BackOff +instance\/web-1 +BackOff happened\n/);
    });

    it("selects by object and by type", async () => {
      assert.equal((await desk.wctl("events --for instance/web-1 --no-headers")).out.split("\n").length, 2);
      assert.match((await desk.wctl("events --types=warning --no-headers")).out, /^[^\n]*BackOff[^\n]*\n$/);
      assert.match((await desk.wctl("events --types=Bad")).err, /^error: valid --types are Normal or Warning/);
      assert.equal((await desk.wctl("events --for process/ghost")).err, "No events found in default namespace.\n");
    });

    it("goes on with what is new", async () => {
      const stop = new AbortController();
      let sent = false;
      const onWrite = (text: string): void => {
        if (text.includes("Later")) stop.abort();
        if (sent) return;
        sent = true;
        void desk.client.get(instances, "default/web-0").then((web) => happened(desk, web, "Later", "Normal", 1));
      };
      const { out } = await desk.wctl("events -w", { signal: stop.signal, onWrite });
      assert.equal(out.match(/LAST SEEN/g)?.length, 1);
      assert.match(out.trimEnd().split("\n").at(-1)!, /Later/);
    });
  });

  describe("wctl describe", () => {
    it("tells all about a process: fields, instances, events, last output", async () => {
      const { code, out } = await desk.wctl("describe process web");
      assert.equal(code, 0);
      for (const part of [
        /^Name: +web\nNamespace: +default\nLabels: +app=shop\nAnnotations: +<none>\n/,
        /\nReplicas: +2 desired \| 2 updated \| 2 total \| 2 ready \| 2 available\n/,
        /\nCommand: +\/bin\/web --name "a b"\n/,
        /\nConditions:\n {2}Type +Status +Reason +Since +Message\n {2}---- /,
        /\nHistory:\n {2}Number {2}Revision {2}Age\n {2}-+ +-+ +-+\n {2}2 +web-b +\S+\n {2}10 +web-a +\S+\n/,
        /\nInstances:\n {2}Name +Phase[^\n]*\n[^\n]*\n {2}web-0 +Ready +yes +0 +4711 [^\n]*\n {2}web-1 +Backoff +no +4 +- +\S+ +Ended: Error, exit code 3 after 250ms, \d+d ago\n/,
        /\nEvents:\n {2}Type +Reason +Age +From +Object +Message\n/,
        /\nLast Output of instance\/web-0:\n {2}one\n {2}two red\n/,
      ]) {
        assert.match(out, part);
      }
    });

    it("tells about an instance and what comes next", async () => {
      const { out } = await desk.wctl("describe instance/web-1");
      assert.match(out, /\nState: +Waiting: CrashLoopBackOff: exit code 3 \(next try in \d+y\d*d?\)\n/);
      assert.match(out, /\nControlled By: +Process\/web\n/);
      assert.match(out, /\nDecision: +BackOff: waiting before restart 5 \(\d+d ago, next look in /);
    });

    it("never shows the values of a secret", async () => {
      await desk.client.create(secrets, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s", namespace: "default" },
        data: { token: "aHVudGVyMg==" },
      });
      const { out } = await desk.wctl("describe secret s");
      assert.match(out, /\nData:\n {2}token: {2}7 bytes\n/);
      assert.doesNotMatch(out, /hunter2|aHVudGVyMg/);
    });

    it("tells about every other kind by its fields", async () => {
      await desk.client.create(configMaps, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "c", namespace: "default" },
        data: { a: "1" },
      });
      assert.match((await desk.wctl("describe cm c")).out, /\nData:\n {2}a: {2}1\nEvents: {2}<none>\n$/);
      const node = { apiVersion: "v1", kind: "Node", metadata: { name: "here" } } as const;
      await desk.client.create(nodes, node);
      assert.match(
        (await desk.wctl("describe node here")).out,
        /\nStatus: +NotReady\n(?:.*\n)*Instances:\n +Namespace +Name +Phase .*\n.*\n +default +web-0 +Ready +0 +4711 /,
      );
      assert.match((await desk.wctl("describe ns default")).out, /\nStatus:\n {2}Phase: {2}Active\n/);
    });

    it("takes a type alone for all of its objects", async () => {
      assert.equal((await desk.wctl("describe instances")).out.match(/^Name: /gm)?.length, 2);
      assert.equal((await desk.wctl("describe secrets -l a=b")).err, "No resources found in default namespace.\n");
    });
  });

  describe("wctl why", () => {
    it("explains a process, down to the copy that waits and its next try", async () => {
      const { out } = await desk.wctl("why process/web");
      for (const part of [
        /^process\/web is Running: \d of 2 instances ready\n\n/,
        /\nDesired: +2 instances of \/bin\/web --name "a b"\n/,
        /\nObserved: +2 instances: 2 updated, 2 ready, 2 available\n/,
        /\nRule: +none has fired yet/,
        / {2}web-0: {2}pid 4711, ready; Running for \d+d, since 2026-01-01T00:00:00Z\n/,
        / {2}web-1: {2}Waiting: CrashLoopBackOff \(next try in /,
        /\nCause: +web-1: exited with code 3\nAdvice: +its output tells more: wctl logs/,
        /\nLast output of web-1:\n {2}three\n {2}four\n/,
      ]) {
        assert.match(out, part);
      }
    });

    it("explains an instance", async () => {
      const { out } = await desk.wctl("why instance/web-1");
      assert.match(
        out,
        /^instance\/web-1 is Backoff: waiting before restart 5\n\nCause: +exited with code 3\nAdvice: .*\nLast output:\n {2}three\n {2}four\nDesired: +running: \/bin\/web\nWanted by: +process\/web /,
      );
      assert.match(
        out,
        /\nRestarts: +4 \(5 failed runs in a row, policy Always\)\nRule: +BackOff, since \d+d\nNext try: +in \d+y/,
      );
    });

    it("knows only what is decided about", async () => {
      assert.match(
        (await desk.wctl("why namespace/default")).err,
        /^error: why explains processes and instances, not namespaces/,
      );
      assert.match((await desk.wctl("why")).err, /^error: name a process or an instance/);
    });
  });

  describe("wctl wait", () => {
    it("ends at once when a stalled process can never meet the condition", async () => {
      const lastTransitionTime = "2026-01-01T00:00:00Z";
      const conditions = [
        { type: "Ready", status: "False", reason: "DependencyFailed", message: "db failed", lastTransitionTime },
        { type: "Stalled", status: "True", reason: "DependencyFailed", message: "db failed", lastTransitionTime },
      ];
      await desk.process("stalled", {}, { observedGeneration: 1, conditions });
      assert.deepEqual(await desk.wctl("wait --for=condition=Ready process/stalled --timeout=1h"), {
        code: 1,
        out: "",
        err: "error: process.wctl.dev/stalled cannot meet the condition (DependencyFailed: db failed)\n",
      });
      assert.equal((await desk.wctl("wait --for=condition=Stalled process/stalled")).code, 0);
    });

    it("returns when the condition is met, in kubectl's words", async () => {
      for (const line of [
        "--for=condition=Ready process/web",
        "--for=condition=ready=TRUE process web",
        "--for=create process/web",
      ]) {
        assert.deepEqual(
          await desk.wctl(`wait ${line}`),
          { code: 0, out: "process.wctl.dev/web condition met\n", err: "" },
          line,
        );
      }
      assert.equal((await desk.wctl(["wait", "--for=jsonpath={.status.phase}=Running", "process/web"])).code, 0);
      assert.equal((await desk.wctl(["wait", "--for=jsonpath={.status.pid}", "instance/web-0"])).code, 0);
    });

    it("fails when the time is up", async () => {
      assert.deepEqual(await desk.wctl("wait --for=condition=Ready=false process/web --timeout=30ms"), {
        code: 1,
        out: "",
        err: "error: timed out waiting for the condition on processes/web\n",
      });
      assert.equal((await desk.wctl("wait --for=condition=Stalled process/web --timeout=0")).code, 1);
    });

    it("sees a change that comes later, and the end of an object", async () => {
      await desk.process("late", {}, { ...rolledOut(1), conditions: [] });
      const ready = desk.wctl("wait --for=condition=Ready process/late --timeout=5s");
      const late = await desk.client.get(processes, "default/late");
      const { resourceVersion: _, ...metadata } = late.metadata;
      await desk.client.updateStatus(processes, { ...late, metadata, status: rolledOut(1) } as never);
      assert.equal((await ready).out, "process.wctl.dev/late condition met\n");
      const gone = desk.wctl("wait --for=delete process/late --timeout=5s");
      await desk.client.delete(processes, "default/late");
      assert.equal((await gone).code, 0);
      assert.deepEqual(await desk.wctl("wait --for=delete process/late"), { code: 0, out: "", err: "" });
    });

    it("does not believe a condition that is older than the spec", async () => {
      await desk.process("stale", {}, rolledOut(1));
      await desk.client.patch(processes, "default/stale", { type: "merge", body: { spec: { replicas: 5 } } });
      assert.equal((await desk.wctl("wait --for=condition=Ready process/stale --timeout=30ms")).code, 1);
    });

    it("knows what was meant, and waits for what only a newer server has", async () => {
      for (const [what, said] of [
        ["Redy", 'there is no condition "Redy" (did you mean Ready?)'],
        ["Complete", 'there is no condition "Complete" (did you mean Completed?)'],
        ["Available", 'there is no condition "Available" (did you mean Ready?)'],
        ["Ready=Flase", 'a condition is True, False or Unknown, not "Flase" (did you mean False?)'],
      ]) {
        const { code, err } = await desk.wctl(`wait --for=condition=${what} process/web`);
        assert.deepEqual([code, err], [1, `error: ${said}\n`]);
      }
      assert.match((await desk.wctl("wait --for=condition=Blessed process/web --timeout=0")).err, /^error: timed out/);
    });

    it("wants to know what for", async () => {
      assert.match((await desk.wctl("wait process/web")).err, /^error: must specify --for\n/);
      assert.match((await desk.wctl("wait --for=ready process/web")).err, /^error: unrecognized condition: "ready"\n/);
      assert.match(
        (await desk.wctl("wait --for=condition=Ready process/ghost")).err,
        /^Error from server \(NotFound\)/,
      );
      assert.equal(
        (await desk.wctl("wait --for=condition=Ready processes -l no=body")).err,
        "error: no matching resources found\n",
      );
    });
  });

  describe("wctl diff", () => {
    const manifest = (replicas: number): string =>
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: differs}\nspec: {command: /bin/web, replicas: ${replicas}}\n`;

    it("shows nothing and succeeds when nothing differs, else exits with 1", async () => {
      await desk.wctl("apply -f -", { stdin: manifest(1) });
      assert.deepEqual(await desk.wctl("diff -f -", { stdin: manifest(1) }), { code: 0, out: "", err: "" });
      const { code, out } = await desk.wctl("diff -f -", { stdin: manifest(3) });
      assert.equal(code, 1);
      assert.match(
        out,
        /^--- LIVE\/wctl.dev.v1.Process.default.differs\n\+\+\+ MERGED\/wctl.dev.v1.Process.default.differs\n@@/,
      );
      assert.match(out, /\n- {2}replicas: 1\n\+ {2}replicas: 3\n/);
      assert.equal((await desk.client.get(processes, "default/differs")).spec.replicas, 1);
      assert.match(
        (await desk.wctl("diff -f -", { stdin: manifest(3), isTTY: true })).out,
        /\x1b\[32m\+ {2}replicas: 3\x1b\[0m/,
      );
    });

    it("exits with more than 1 when it fails", async () => {
      assert.equal((await desk.wctl("diff -f -", { stdin: "kind: [" })).code, 2);
      assert.equal((await desk.wctl("diff -f -", { stdin: manifest(-1) })).code, 2);
      assert.equal((await desk.wctl("diff")).code, 2);
    });
  });

  describe("wctl get, in templates", () => {
    it("prints fields and columns of the user's choice", async () => {
      assert.equal((await desk.wctl(["get", "process/web", "-o", "jsonpath={.spec.replicas}"])).out, "2");
      assert.equal(
        (await desk.wctl(["get", "inst", "-o", 'jsonpath={range .items[*]}{.metadata.name}={.status.pid}{"\\n"}{end}']))
          .out,
        "web-0=4711\nweb-1=\n",
      );
      assert.equal(
        (await desk.wctl("get inst -o custom-columns=NAME:.metadata.name,PID:.status.pid,ARGS:.spec.command")).out,
        "NAME    PID      ARGS\nweb-0   4711     /bin/web\nweb-1   <none>   /bin/web\n",
      );
    });

    it("sorts by any field, missing ones first", async () => {
      const names = (line: string) => desk.wctl(line).then(({ out }) => out.trim().split("\n"));
      assert.deepEqual(await names("get inst -o name --sort-by=.status.pid"), [
        "instance.wctl.dev/web-1",
        "instance.wctl.dev/web-0",
      ]);
      assert.deepEqual(await names("get inst -o name --sort-by={.status.restartCount}"), [
        "instance.wctl.dev/web-0",
        "instance.wctl.dev/web-1",
      ]);
      assert.match(
        (await desk.wctl("get inst --sort-by=.no.such")).err,
        /^error: couldn't find any field with path "\.no\.such"/,
      );
    });

    it("says what is wrong with a template", async () => {
      assert.match(
        (await desk.wctl(["get", "inst", "-o", "jsonpath={.items["])).err,
        /^error: error parsing jsonpath \{\.items\[, /,
      );
      assert.match(
        (await desk.wctl("get inst -o custom-columns=NAME")).err,
        /^error: unexpected custom-columns spec: NAME/,
      );
    });
  });
});
