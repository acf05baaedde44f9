import { schemas } from "../../api/schemas.generated.ts";
import { hasSubresource } from "../../api/scheme.ts";
import { structural } from "../../api/structural-schema.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import type { Column } from "../printing/column.ts";

const ownGroup = "wctl.dev";

/**
 * The stored kinds of our own group as `apiextensions.k8s.io/v1` wants them: structural schemas, columns that are paths, subresources. A server that has them keeps
 * the same Objects; what a schema cannot say it does not check.
 */
export const customResourceDefinitions = () =>
  kinds.filter(({ resource }) => resource.group === ownGroup).map(definitionOf);

function definitionOf(kind: Kind) {
  const { group, plural, singular, kind: name, version, shortNames, categories, namespaced } = kind.resource;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { plural, singular, kind: name, listKind: `${name}List`, shortNames, categories },
      scope: namespaced ? "Namespaced" : "Cluster",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schemaOf(name) },
          ...subresourcesOf(kind),
          additionalPrinterColumns: kind.columns.flatMap(columnOf),
          selectableFields: [...kind.selectableFields.keys()].map((field) => ({ jsonPath: `.${field}` })),
        },
      ],
    },
  };
}

/** Of metadata the server itself knows what it is; apiVersion and kind have one value, which it knows too. */
function schemaOf(kind: string): JsonObject {
  const schema = structural((schemas as unknown as Record<string, JsonObject>)[kind] as JsonObject, definable);
  const properties = schema.properties as JsonObject;
  const required = (schema.required as string[]).filter((name) => !["apiVersion", "kind", "metadata"].includes(name));
  return {
    ...schema,
    required,
    properties: {
      ...properties,
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
    },
  };
}

/** How lists are merged strategically is said of built-in kinds only. */
function definable(schema: JsonObject): JsonObject {
  const { "x-kubernetes-patch-strategy": _, "x-kubernetes-patch-merge-key": _key, ...rest } = schema;
  return structural(rest, definable);
}

function subresourcesOf({ resource, scale }: Kind): object {
  const subresources = {
    ...(hasSubresource(resource, "status") ? { status: {} } : {}),
    ...(scale
      ? {
          scale: {
            specReplicasPath: scale.specReplicas,
            statusReplicasPath: scale.statusReplicas,
            labelSelectorPath: scale.labelSelector,
          },
        }
      : {}),
  };
  return Object.keys(subresources).length > 0 ? { subresources } : {};
}

function columnOf(column: Column): object[] {
  const { name, description, priority = 0 } = column;
  const { type, path } = column.nearest ?? column;
  return path === undefined ? [] : [{ name, description, priority, type, jsonPath: path }];
}
