import { namespaces } from "../../../../api/scheme.ts";
import type { Namespace } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { createOne, createOptions, nameOf } from "./create-one.ts";

export const createNamespace = command({
  name: "create namespace",
  summary: "Create a Namespace.",
  usage: ["create namespace NAME [flags]"],
  examples: [{ what: "Make room for a team", line: "wctl create namespace shop" }],
  options: createOptions,
  async run(args, flags, context) {
    const namespace: Namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: nameOf(args, "create namespace") },
    };
    return createOne(namespaces, namespace, flags, context);
  },
});
