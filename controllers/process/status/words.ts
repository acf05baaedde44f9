import type { Stored } from "../../../api/object.ts";
import type { Process } from "../../../api/types.generated.ts";
import type { Copy } from "../replicas/replica.ts";

export const replicasOf = (process: Stored<Process>): number => process.spec.replicas ?? 1;
export const wants = (process: Stored<Process>): string => `${count(replicasOf(process), "instance")} wanted`;
export const living = (copies: readonly Copy[]): number => copies.filter((copy) => !copy.deleting).length;
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** `a, b, c and 4 more` */
export const enumerate = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
