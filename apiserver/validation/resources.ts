import type { ProcessTemplate } from "../../api/types.generated.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import { type FieldError, invalidValue } from "./field-error.ts";

const SMALLEST_MEMORY = 1024 ** 2;
const SMALLEST_LOG = 64 * 1024;
const MOST_PROCESSORS = 1024;

export function resourceCauses({ resources, logs }: ProcessTemplate, path: string): FieldError[] {
  const limits = `${path}.resources.limits`;
  return [
    ...quantityCauses(resources?.limits?.cpu, `${limits}.cpu`, (cpu) =>
      cpu > 0 ? undefined : "must be greater than zero",
    ),
    ...quantityCauses(resources?.limits?.memory, `${limits}.memory`, (bytes) =>
      bytes >= SMALLEST_MEMORY
        ? undefined
        : `must be at least 1Mi: this is ${bytes} bytes, is a suffix (Mi, Gi) missing?`,
    ),
    ...affinityCauses(resources?.affinity, `${path}.resources.affinity`),
    ...quantityCauses(logs?.maxSize, `${path}.logs.maxSize`, (bytes) =>
      bytes >= SMALLEST_LOG ? undefined : "must be at least 64Ki",
    ),
  ];
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
