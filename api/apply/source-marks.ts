import type { KubeObject } from "../object.ts";
import { wellKnown } from "../scheme.ts";

/** The label of what the daemon's own folder of manifests declares. */
export const DIRECTORY_LABEL = "directory";

/** Somebody stopped the source from touching it. */
export const isPaused = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[wellKnown.reconcileAnnotation] === "disabled";

/** It was there before the source declared it. */
export const isAdopted = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[wellKnown.sourceAdoptedAnnotation] !== undefined;

/** In which file of its source it is declared. */
export const fileOf = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.[wellKnown.sourceFileAnnotation];

/** Of which source it is. */
export const labelOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[wellKnown.sourceLabel];
