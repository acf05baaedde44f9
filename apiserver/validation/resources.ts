import type { ProcessTemplate } from "../../api/types.generated.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import { type FieldError, invalidValue } from "./field-error.ts";

const MOST_PROCESSORS = 1024;
const SMALLEST_MEMORY = 1024 ** 2;
const LARGEST_MEMORY = 1024 ** 5;
const SMALLEST_LOG = 64 * 1024;
const LARGEST_LOG = 1024 ** 4;

export function resourceCauses({ resources, logs }: ProcessTemplate, path: string): FieldError[] {
  return [
    ...limitCauses(resources?.limits, `${path}.resources.limits`),
    ...affinityCauses(resources?.affinity, `${path}.resources.affinity`),
    ...quantityCauses(logs?.maxSize, `${path}.logs.maxSize`, logError),
    ...totalCauses(logs ?? {}, `${path}.logs.maxTotalSize`),
  ];
}

type DeclaredLogs = NonNullable<ProcessTemplate["logs"]>;
type DeclaredLimits = NonNullable<ProcessTemplate["resources"]>["limits"];

/** Also for `defaults.resources` of the daemon's configuration. */
export const limitCauses = (limits: DeclaredLimits, path: string): FieldError[] => [
  ...quantityCauses(limits?.cpu, `${path}.cpu`, cpuError),
  ...quantityCauses(limits?.memory, `${path}.memory`, memoryError),
];

function cpuError(processors: number): string | undefined {
  if (processors <= 0) return "must be greater than zero";
  return processors > MOST_PROCESSORS ? `must be at most ${MOST_PROCESSORS} processors` : undefined;
}

function memoryError(bytes: number): string | undefined {
  if (bytes < SMALLEST_MEMORY) return `must be at least 1Mi: this is ${bytes} bytes, is a suffix (Mi, Gi) missing?`;
  return bytes > LARGEST_MEMORY ? "must be at most 1Pi" : undefined;
}

function logError(bytes: number): string | undefined {
  if (bytes < SMALLEST_LOG) return "must be at least 64Ki";
  return bytes > LARGEST_LOG ? "must be at most 1Ti" : undefined;
}

/** The current run alone may become as large as `maxSize` says. */
function totalCauses({ maxSize = 0, maxTotalSize, stderr }: DeclaredLogs, field: string): FieldError[] {
  const size = quantityError(maxSize, logError) === undefined ? parseQuantity(maxSize) : 0;
  const [least, words] = stderr === "Separate" ? [2 * size, "2 * maxSize, one for stderr"] : [size, "maxSize"];
  return quantityCauses(maxTotalSize, field, (bytes) => {
    if (bytes < least) return `must not be less than ${words}`;
    return bytes > LARGEST_LOG ? "must be at most 1Ti" : undefined;
  });
}

function quantityCauses(
  quantity: number | string | undefined,
  field: string,
  rule: (value: number) => string | undefined,
): FieldError[] {
  if (quantity === undefined) return [];
  const error = quantityError(quantity, rule);
  return error ? [invalidValue(field, quantity, error)] : [];
}

function quantityError(quantity: number | string, rule: (value: number) => string | undefined): string | undefined {
  try {
    return rule(parseQuantity(quantity));
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** The grammar is the schema's; here: every number is a processor, and a range goes upwards. */
function affinityCauses(affinity: string | undefined, field: string): FieldError[] {
  for (const range of affinity?.split(",") ?? []) {
    const [from = 0, to = from] = range.split("-").map(Number);
    if (from > to) return [invalidValue(field, affinity, `the range ${range} goes downwards`)];
    if (to >= MOST_PROCESSORS) {
      return [invalidValue(field, affinity, `processor numbers must be less than ${MOST_PROCESSORS}`)];
    }
  }
  return [];
}
