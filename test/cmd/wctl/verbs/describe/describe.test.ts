import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMaps, nodes, secrets } from "../../../../../api/scheme.ts";
import type { Desk } from "../../desk.ts";
import { furnishedDesk } from "../../furnished-desk.ts";

describe("wctl describe", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

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
