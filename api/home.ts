import type { KubeObject } from "./object.ts";

/** The folder of a copy of a Process: its files and its logs. It is read from the disk when somebody asks, and kept in no store. */
export interface Home extends KubeObject {
  kind: "Home";
  spec: {
    /** The name of its Process. */
    process: string;
    /** The uid of its Process, which may be gone; of its Instance where no Process owns that. */
    owner: string;
    index: number;
  };
  status: {
    /** InUse: an Instance has it. Retained: nobody uses it. */
    phase: "InUse" | "Retained";
    /** Runs whose output is kept. */
    runs: number;
    /** What its files take on the disk. */
    sizeBytes: number;
    /** There are more files than were counted. */
    sizeIsPartial?: true;
    /** RFC 3339: since when nobody uses it. */
    releasedAt?: string;
    /** On its node. */
    path: string;
  };
}
