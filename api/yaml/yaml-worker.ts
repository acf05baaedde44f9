/** Reads YAML in a thread of its own, which `yaml-thread.ts` starts. */
import { parentPort } from "node:worker_threads";
import { ManifestError } from "../manifest-error.ts";
import { type PlainDocument, plainDocuments } from "./yaml-document.ts";

export interface Question {
  source: Uint8Array;
  file: string;
}

export type Answer =
  | { documents: PlainDocument[] }
  | { refused: { document: number; line: number; column: number; problem: string } };

parentPort?.on("message", ({ source, file }: Question) => {
  parentPort?.postMessage(answer(source, file));
});

function answer(source: Uint8Array, file: string): Answer {
  try {
    return { documents: plainDocuments(source, file) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const { document, line, column, problem } = error;
    return { refused: { document, line, column, problem } };
  }
}
