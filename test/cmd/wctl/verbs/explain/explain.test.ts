import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { named } from "../../../../../api/scheme.ts";
import { type Ran, runWords } from "../../run-words.ts";

const explain = (...words: string[]): Promise<Ran> =>
  runWords(["explain", ...words], () => ({
    kubeconfig: undefined,
    namespace: undefined,
    open: () => Promise.reject(new Error("no server is needed for this")),
    whyNoAnswer: () => undefined,
  }));

describe("wctl explain", () => {
  it("says what a field means, with its default and what is allowed", async () => {
    assert.deepEqual(await explain("process.spec.restartPolicy"), {
      code: 0,
      err: "",
      out: `KIND:     Process
VERSION:  wctl.dev/v1

FIELD: restartPolicy <string>

DESCRIPTION:
    Whether the program is started again when it has ended. Always; OnFailure:
    unless its exit code is one of \`successExitCodes\`; Never.
    Default: Always
    Allowed: Always, OnFailure, Never
`,
    });
  });

  it("lists the fields below, through lists", async () => {
    const { out } = await explain("proc.spec.ports");
    assert.match(out, /\n\nFIELD: ports <\[\]PortSpec>\n/);
    assert.match(out, /\nFIELDS:\n {2}name <string> -required-\n {4}For probes, /);
    assert.match((await explain("cm")).out, /^KIND: {5}ConfigMap\nVERSION: {2}v1\n\nDESCRIPTION:\n/);
  });

  it("shows all of them as an outline", async () => {
    const { out } = await explain("process.spec.stop", "--recursive");
    assert.match(
      out,
      /FIELDS:\n {2}signal <string>\n[\s\S]* {2}preStop <Object>\n {4}exec <Object> -required-\n {6}command /,
    );
  });

  it("knows every kind, and the daemon's configuration", async () => {
    for (const { singular, kind } of named)
      assert.match((await explain(singular)).out, new RegExp(`^KIND: {5}${kind}\n`));
    assert.match(
      (await explain("daemonconfig.retention")).out,
      /^KIND: {5}DaemonConfig\n\nFIELD: retention <Object>\n/,
    );
  });

  it("names the part that is not there, and what was meant", async () => {
    const { code, err } = await explain("process.spec.stop.gracePeriod");
    assert.equal(code, 1);
    assert.equal(
      err,
      "error: field \"gracePeriod\" does not exist in process.spec.stop\n'wctl explain process.spec.stop' lists its fields.\n",
    );
    assert.match(
      (await explain("process.spec.replica")).err,
      /"replica" does not exist in process.spec \(did you mean replicas\?\)/,
    );
    assert.match((await explain("process.spec.replicas.x")).err, /process\.spec\.replicas has no fields\./);
    assert.match((await explain("procces")).err, /doesn't have a resource type "procces"\nDid you mean "process"\?/);
    assert.match((await explain()).err, /name one kind or field/);
  });
});
