import type { KubeObject, Stored } from "../api/object.ts";

/** Says on the API what happened to an Object. Never throws, never waits; equal events are counted into one (as client-go's correlator). */
export interface EventRecorder {
  event(about: Stored<KubeObject>, type: "Normal" | "Warning", reason: string, message: string): void;
}
