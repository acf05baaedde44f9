import type { ProcessSpec, ProcessTemplate } from "./types.generated.ts";

/** Fields of a Process that say how many replicas and how a change rolls out; everything else is the template of each replica. */
type RolloutField = Exclude<keyof ProcessSpec, keyof ProcessTemplate>;

/** The compiler holds this to be all of them. */
const rolloutFields: Readonly<Record<RolloutField, true>> = {
  replicas: true,
  strategy: true,
  minReadySeconds: true,
  progressDeadlineSeconds: true,
  revisionHistoryLimit: true,
  rollback: true,
  configChange: true,
  stateRetentionPolicy: true,
  paused: true,
  suspend: true,
};

const isRolloutField = ([name]: [string, unknown]): boolean => Object.hasOwn(rolloutFields, name);

/** The part of the spec that every replica is made of. */
export const templateOf = (spec: ProcessSpec): ProcessTemplate =>
  Object.fromEntries(Object.entries(spec).filter((field) => !isRolloutField(field))) as unknown as ProcessTemplate;

/** The spec with another template; how many replicas there are and how they roll out stays as it is. */
export const withTemplate = (spec: ProcessSpec, template: ProcessTemplate): ProcessSpec => ({
  ...Object.fromEntries(Object.entries(spec).filter(isRolloutField)),
  ...template,
});
