/** Reads YAML in a thread of its own, which `yaml-thread.ts` starts. */
import { parentPort } from "node:worker_threads";
import { ManifestError } from "../manifest-error.ts";
import type { Variables } from "../variables/expand.ts";
import { readPlain } from "./read-yaml.ts";
import type { PlainDocument } from "./yaml-document.ts";

export interface Question {
  source: Uint8Array;
  file: string;
  variables: Variables | undefined;
}

export type Answer =
  | { documents: PlainDocument[] }
  | { refused: { document: number; line: number; column: number; problem: string } };

parentPort?.on("message", (question: Question) => {
  parentPort?.postMessage(answer(question));
});

function answer({ source, file, variables }: Question): Answer {
  try {
    return { documents: readPlain(source, file, variables && { variables }) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const { document, line, column, problem } = error;
    return { refused: { document, line, column, problem } };
  }
}
