import { type Field, flag as flagField, message, nested } from "./protobuf-writer.ts";

/** What a value is inside a field: a message, or a text. */
type Shape = (value: never) => Field | string;
/** Writes a value as the field, or the fields, that stand for it. */
type Rule = (value: never) => Field;

/** A JSON object as a message: each word by its rule; extensions, which begin with `x-`, as a list of names and YAML. A word without a rule is left out. */
export const record =
  (rules: Readonly<Record<string, Rule>>, extensions?: number) =>
  (object: object): Field =>
    message(
      ...Object.entries(object).map(([word, value]) => {
        if (value === undefined) return undefined;
        if (extensions !== undefined && word.startsWith("x-")) return entry(extensions, word, any(value));
        return rules[word]?.(value as never);
      }),
    );

export const one =
  (field: number, shape: Shape = itself): Rule =>
  (value) =>
    nested(field, shape(value));

export const each =
  (field: number, shape: Shape = itself): Rule =>
  (values: readonly unknown[]) =>
    message(...values.map((value) => nested(field, shape(value as never))));

/** Maps are lists of names and values. */
export const byName =
  (field: number, shape: Shape): Rule =>
  (map: object) =>
    message(...Object.entries(map).map(([name, value]) => entry(field, name, shape(value as never))));

const entry = (field: number, name: string, value: Field | string): Field =>
  nested(field, message(nested(1, name), nested(2, value)));

export const flag =
  (field: number): Rule =>
  (value: boolean) =>
    flagField(field, value);

/** The text in YAML; JSON is YAML. */
export const any = (value: unknown): Field => message(nested(2, JSON.stringify(value)));

/** A message that is one of several things: this one. */
export const either =
  (field: number, shape: Shape = itself) =>
  (value: unknown): Field =>
    nested(field, shape(value as never));

const itself = (text: string): string => text;
