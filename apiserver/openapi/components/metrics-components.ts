import type { JsonObject } from "../../../lib/json-object.ts";
import { metaPackage, packageOf } from "./component-name.ts";
import { typeMeta } from "./meta-components.ts";
import { listOf, mapOf, object, ref, text, time } from "./schema-words.ts";

const kubernetes = { group: "metrics.k8s.io", version: "v1beta1" };
const usage = mapOf({ "x-kubernetes-int-or-string": true }, "`cpu` in nanocores, `memory` in KiB.");

/** A kind of Kubernetes' metrics. */
const measured = (kind: string, description: string, properties: JsonObject): [string, JsonObject] => [
  `${packageOf(kubernetes)}.${kind}`,
  {
    ...object(description, {
      ...typeMeta,
      metadata: ref(`${metaPackage}.ObjectMeta`, "Of what was measured."),
      timestamp: time("The end of the window."),
      window: text("What the use of processors is averaged over, as `10s`."),
      ...properties,
    }),
    "x-kubernetes-group-version-kind": [{ ...kubernetes, kind }],
  },
];

export const metricsComponents: Readonly<Record<string, JsonObject>> = Object.fromEntries([
  measured("NodeMetrics", "What a node uses now.", { usage }),
  measured("PodMetrics", "What a Pod uses now.", {
    containers: listOf({ $ref: `${packageOf(kubernetes)}.ContainerMetrics` }, "Its container."),
  }),
  [
    `${packageOf(kubernetes)}.ContainerMetrics`,
    object("What a container uses now.", { name: text("Always `main`."), usage }),
  ],
]);
