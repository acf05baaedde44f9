import type * as sqlite from "node:sqlite";

/** `node:sqlite`, loaded without its ExperimentalWarning; every other warning stays. */
export const { DatabaseSync } = quietly(() => process.getBuiltinModule("node:sqlite"));
export type Database = sqlite.DatabaseSync;
export type Statement = sqlite.StatementSync;

function quietly<T>(load: () => T): T {
  const emitWarning = process.emitWarning;
  process.emitWarning = (() => {}) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
