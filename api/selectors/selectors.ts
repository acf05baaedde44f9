/** Selecting Objects by label and by field. */
export { escapeFieldValue, type FieldRequirement, parseFieldSelector } from "./field-selector.ts";
export { type LabelRequirement, type LabelSelector, type Labels, parseLabelSelector } from "./label-selector.ts";
