import type { ProcessSpec } from "../../api/types.generated.ts";
import { type FieldError, forbiddenField, invalidValue } from "./field-error.ts";

/** How a change of a Process rolls out; the rules of Kubernetes' Deployment. */
export const rolloutCauses = (spec: ProcessSpec, path: string): FieldError[] => [
  ...strategyCauses(spec.strategy ?? {}, `${path}.strategy`),
  ...deadlineCauses(spec, path),
];

function strategyCauses({ type, rollingUpdate }: NonNullable<ProcessSpec["strategy"]>, path: string): FieldError[] {
  if (!rollingUpdate) return [];
  if (type === "Recreate") {
    return [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  }
  const { maxUnavailable = 1, maxSurge = 0 } = rollingUpdate;
  const at = `${path}.rollingUpdate`;
  const causes = [
    ...shareCauses(maxUnavailable, `${at}.maxUnavailable`, 100),
    ...shareCauses(maxSurge, `${at}.maxSurge`),
  ];
  if (causes.length === 0 && isZero(maxUnavailable) && isZero(maxSurge)) {
    causes.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return causes;
}

const PERCENT = /^(\d{1,6})%$/;

/** A number of copies, or a percentage of them. */
function shareCauses(share: number | string, field: string, most = Number.POSITIVE_INFINITY): FieldError[] {
  if (typeof share === "number") {
    return share >= 0 ? [] : [invalidValue(field, share, "must be greater than or equal to 0")];
  }
  const percent = PERCENT.exec(share)?.[1];
  if (percent === undefined) {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalidValue(field, share, rule)];
  }
  return Number(percent) > most ? [invalidValue(field, share, `must not be greater than ${most}%`)] : [];
}

const isZero = (share: number | string): boolean => Number.parseInt(String(share), 10) === 0;

function deadlineCauses({ progressDeadlineSeconds, minReadySeconds = 0 }: ProcessSpec, path: string): FieldError[] {
  if (progressDeadlineSeconds === undefined || progressDeadlineSeconds > minReadySeconds) return [];
  return [
    invalidValue(`${path}.progressDeadlineSeconds`, progressDeadlineSeconds, "must be greater than minReadySeconds"),
  ];
}
