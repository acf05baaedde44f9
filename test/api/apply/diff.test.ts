import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffObjects } from "../../../api/apply/diff.ts";
import type { KubeObject } from "../../../api/object.ts";
import { wellKnown } from "../../../api/scheme.ts";

const web = (spec: object, metadata: object = {}): KubeObject =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Process",
    metadata: { name: "web", namespace: "apps", ...metadata },
    spec,
  }) as KubeObject;
const secret = (data: object): KubeObject =>
  ({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data }) as KubeObject;

describe("diffObjects", () => {
  it("shows what would change, without bookkeeping", () => {
    const annotations = { [wellKnown.lastAppliedAnnotation]: "{}" };
    const live = web({ command: "/bin/web", replicas: 1 }, { resourceVersion: "4", managedFields: [], annotations });
    const merged = web({ command: "/bin/web", replicas: 2 }, { resourceVersion: "5" });
    assert.equal(
      diffObjects(live, merged),
      `--- LIVE/wctl.dev.v1.Process.apps.web
+++ MERGED/wctl.dev.v1.Process.apps.web
@@ -5,4 +5,4 @@
   namespace: apps
 spec:
   command: /bin/web
-  replicas: 1
+  replicas: 2
`,
    );
    assert.equal(diffObjects(live, web({ replicas: 1, command: "/bin/web" })), "");
    const ready: KubeObject & { status: object } = { ...live, status: { readyReplicas: 1 } };
    assert.equal(diffObjects(live, ready), "", "the status is nobody's to apply");
  });

  it("shows all of an object that would be created", () => {
    const diff = diffObjects(undefined, web({ command: "/bin/web" }));
    assert.match(diff, /^@@ -0,0 \+1,7 @@$/m);
    assert.doesNotMatch(diff, /^[- ](?!--)/m);
  });

  it("never shows a Secret's values, but that they changed", () => {
    const diff = diffObjects(
      secret({ a: "b25l", b: "dHdv", c: "b2xk" }),
      secret({ a: "b25l", b: "dGhyZWU=", d: "bmV3" }),
    );
    assert.doesNotMatch(diff, /b25l|dHdv|dGhyZWU|b2xk|bmV3/);
    const changes = diff.split("\n").filter((line) => /^[-+ ] {2}[a-d]:/.test(line));
    assert.deepEqual(changes, [
      '   a: "***"',
      '-  b: "*** (before)"',
      '-  c: "***"',
      '+  b: "*** (after)"',
      '+  d: "***"',
    ]);
    assert.equal(diffObjects(secret({ a: "b25l" }), secret({ a: "b25l" })), "");
  });
});
