import type { KubeObject, Stored } from "../../../../api/object.ts";
import { toYaml } from "../../../../api/yaml/to-yaml.ts";
import { json } from "../../printers/json.ts";
import { listOf } from "../../printers/print-objects.ts";

export interface TextStyle {
  output: "yaml" | "json";
  "windows-line-endings": boolean;
}

/** Why something was not kept: a heading, and a line for each cause. */
export interface Reason {
  head: string;
  causes: readonly string[];
}

/** Objects as the editor shows them: one as it is, several in a List. */
export function objectsText(objects: readonly KubeObject[], { output }: TextStyle): string {
  const [only, ...more] = objects;
  const value = only && more.length === 0 ? only : listOf(objects);
  return output === "json" ? json(value) : toYaml(value);
}

/** What the editor is opened with: kubectl's heading, why it is opened again, and the text. */
export function editText(text: string, reasons: readonly Reason[], style: TextStyle): string {
  const what = reasons.flatMap(({ head, causes }) => [head, ...causes.map((cause) => `* ${cause}`), ""]);
  const lines = [
    "Please edit the object below. Lines beginning with a '#' will be ignored,",
    "and an empty file will abort the edit. If an error occurs while saving this file will be",
    "reopened with the relevant failures.",
    "",
    ...what.flatMap((line) => line.split(/\r?\n/)),
  ];
  const whole = `${lines.map((line) => (line === "" ? "#" : `# ${line}`)).join("\n")}\n${text}`;
  return style["windows-line-endings"] ? whole.replaceAll("\n", "\r\n") : whole;
}

/** What was typed: without the lines that begin with `#`, and with one kind of line end. */
export const withoutComments = (text: string): string =>
  text
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .replace(/^#.*(?:\n|$)/gm, "");

/** As people see it in the editor. */
export function shown<T extends Stored>(object: T, managedFields: boolean): T {
  if (managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
