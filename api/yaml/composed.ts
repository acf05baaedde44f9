/** What is read of a file of YAML, whoever reads it. */
import type { ManifestError } from "../manifest-error.ts";
import type { Variables } from "../variables/expand.ts";

export interface Place {
  /** Both 1-based. */
  line: number;
  column: number;
}

/** One document with its nodes: they take twenty times the room of their text. */
export interface Composed {
  value: unknown;
  /** 1-based, empty documents counted. */
  document: number;
  /** Where the value begins. */
  line: number;
  /** Of the text: from the end of the document before to its own. */
  range: [start: number, end: number];
  grown: number;
  locate(fieldPath: string): Place | undefined;
}

/** Hears what is wrong with one document; the others are read all the same. */
export type OnFault = (fault: ManifestError) => void;

export interface YamlReading {
  /** Without it the first fault is thrown. */
  onFault?: OnFault;
  /** Put into the values of the documents; without them a `${` is text. */
  variables?: Variables;
}
