import type { JsonObject } from "../../lib/json-object.ts";

/** Something in a kubeconfig that a person has to put right. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

/** It is known neither from a file nor from a flag which server is meant: mostly the local daemon has never run. */
export class NoServerKnown extends KubeconfigError {}

/** The file format; unknown fields are kept. */
export interface Kubeconfig extends JsonObject {
  "current-context"?: string;
  clusters?: { name: string; cluster?: JsonObject }[];
  contexts?: { name: string; context?: JsonObject }[];
  users?: { name: string; user?: JsonObject }[];
}
