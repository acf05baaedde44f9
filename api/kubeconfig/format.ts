/** Something in a kubeconfig that a person has to put right. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

export type Fields = Record<string, unknown>;

/** The file format; unknown fields are kept. */
export interface Kubeconfig extends Fields {
  "current-context"?: string;
  clusters?: { name: string; cluster?: Fields }[];
  contexts?: { name: string; context?: Fields }[];
  users?: { name: string; user?: Fields }[];
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
