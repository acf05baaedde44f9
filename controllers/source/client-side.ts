import { applyObject } from "../../api/apply/apply.ts";
import type { Client } from "../../api/client.ts";
import type { ApplyOne } from "./apply.ts";

/** As `kubectl apply` does it at its client: what somebody edits stays edited until its file changes. */
export function clientSideApply(client: Client, fieldManager: string): ApplyOne {
  return async ({ resource, object }, dryRun) => {
    const options = { fieldManager, dryRun, fieldValidation: "Strict" } as const;
    return (await applyObject(client, resource, object, options)).object;
  };
}
