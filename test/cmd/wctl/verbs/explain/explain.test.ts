import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HttpClient } from "../../../../../api/http/http-client.ts";
import { named } from "../../../../../api/scheme.ts";
import { outline } from "../../../../../cmd/wctl/verbs/explain/explanation.ts";
import { servedSchema } from "../../../../../cmd/wctl/verbs/explain/served-schema.ts";
import { ReviewStorage } from "../../../../apiserver/registry/example-views.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk } from "../../desk.ts";
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
      if (kind !== "CustomResourceDefinition")
        assert.match((await explain(singular)).out, new RegExp(`^KIND: {5}${kind}\n`));
    assert.match((await explain("crd")).err, /only a server can say what CustomResourceDefinition is/);
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

describe("wctl explain with a server", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.over(await TestServer.start({ views: () => [new ReviewStorage()] }));
  });
  after(() => desk.close());

  it("says what it says without one, where both know the same", async () => {
    for (const words of [
      "process.spec.restartPolicy",
      "process.spec.ports",
      "process.spec.readinessProbe --recursive",
      "process.status.conditions",
      "cm.data",
      "node.status --recursive",
      "daemonconfig.retention",
    ]) {
      const asked = await desk.wctl(`explain ${words}`);
      const unwrapped = ({ out, ...rest }: Ran) => ({ ...rest, out: out.replace(/\s+/g, " ") });
      assert.deepEqual(unwrapped(asked), unwrapped(await explain(...words.split(" "))), words);
      assert.equal(asked.code, 0);
    }
  });

  it("knows what only the server has", async () => {
    for (const name of ["reviews", "review", "Review"])
      assert.match((await desk.wctl(`explain ${name}`)).out, /^KIND: {5}Review\nVERSION: {2}views\.example\/v1\n/);
    const { err } = await desk.wctl("explain procces");
    assert.match(err, /doesn't have a resource type "procces"\nDid you mean "process"\?/);
  });
});

describe("what a server describes", () => {
  it("may hold itself: it is shown once", async () => {
    const list = (name: string) => ({ type: "array", items: { $ref: `#/components/schemas/${name}` } });
    const schemas = {
      "x.Tree": {
        type: "object",
        description: "A tree.",
        properties: {
          branches: { ...list("x.Tree"), description: "More." },
          leaf: { "x-kubernetes-int-or-string": true },
        },
        "x-kubernetes-group-version-kind": [{ group: "x", version: "v1", kind: "Tree" }],
      },
    };
    const answers: Record<string, object> = {
      "/openapi/v3": { paths: { "apis/x/v1": { serverRelativeURL: "/openapi/v3/apis/x/v1?hash=1" } } },
      "/openapi/v3/apis/x/v1?hash=1": { components: { schemas } },
    };
    const client = { raw: async (_: string, path: string) => JSON.stringify(answers[path]) } as unknown as HttpClient;
    const kind = { group: "x", version: "v1", kind: "Tree" };
    const root = await servedSchema(client, kind, new AbortController().signal);
    const shown = { head: { kind: "Tree", version: "x/v1" }, schema: root!, field: undefined, columns: 80 };
    assert.equal(
      outline(shown),
      "KIND:     Tree\nVERSION:  x/v1\n\nFIELDS:\n  branches <[]Tree>\n    branches <[]Tree>\n    leaf <integer or string>\n  leaf <integer or string>\n",
    );
    assert.equal(await servedSchema(client, { ...kind, kind: "Bush" }, new AbortController().signal), undefined);
  });
});
