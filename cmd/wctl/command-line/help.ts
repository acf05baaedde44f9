import type { Command, Example } from "../command/command.ts";
import { globalOptions } from "../command/common-options.ts";
import type { Option } from "../command/option.ts";

/** What `wctl VERB --help` prints; every part comes from the verb's own table. */
export function helpOf(verb: Command, columns: number): string {
  const parts = [
    verb.description ? `${verb.summary}\n\n${wrap(verb.description, columns)}` : verb.summary,
    `Usage:\n${verb.usage.map((usage) => `  wctl ${usage}`).join("\n")}`,
    `Examples:\n${verb.examples.map(exampleText).join("\n\n")}`,
    ...(verb.options.length > 0 ? [`Options:\n${optionsText(verb.options, columns)}`] : []),
    `Global options:\n${optionsText(globalOptions, columns)}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

const exampleText = ({ what, line }: Example): string =>
  `  # ${what}\n${line
    .split("\n")
    .map((part) => `  ${part}`)
    .join("\n")}`;

/** Two columns, the right one wrapped; the left one is as wide as it needs, within reason. */
export function optionsText(options: readonly Option[], columns: number): string {
  const rows = options.map((option) => [flagText(option), meaningText(option)] as const);
  return twoColumns(rows, columns);
}

/** `narrowest` makes several blocks stand in the same columns. */
export function twoColumns(rows: readonly (readonly [string, string])[], columns: number, narrowest = 0): string {
  const left = Math.min(34, Math.max(narrowest, ...rows.map(([name]) => name.length)));
  return rows
    .map(([name, meaning]) => {
      const lines = wrap(meaning, Math.max(30, columns - left - 4)).split("\n");
      const indent = `\n${" ".repeat(left + 4)}`;
      const head = name.length > left ? `  ${name}${indent}` : `  ${name.padEnd(left)}  `;
      return head + lines.join(indent);
    })
    .join("\n");
}

function flagText(option: Option): string {
  const short = option.short ? `-${option.short}, ` : "    ";
  if (option.type === "boolean") return `${short}--${option.name}`;
  const value = option.placeholder ?? option.oneOf?.join("|") ?? placeholders[option.type];
  return `${short}--${option.name}${option.implied === undefined ? ` ${value}` : `[=${value}]`}`;
}

const placeholders = { string: "TEXT", integer: "N", duration: "DURATION", list: "TEXT" } as const;

function meaningText(option: Option): string {
  if (option.default === undefined || option.default === false || option.default === "") return option.description;
  const shown = option.type === "duration" ? `${option.default}s` : String(option.default);
  return `${option.description} (default ${shown})`;
}

/** Breaks at spaces; lines that are already broken stay so. */
export function wrap(text: string, width: number): string {
  return text
    .split("\n")
    .map((paragraph) => {
      const lines: string[] = [];
      let current = "";
      for (const word of paragraph.split(" ")) {
        if (current !== "" && current.length + 1 + word.length > width) {
          lines.push(current);
          current = word;
        } else current = current === "" ? word : `${current} ${word}`;
      }
      return [...lines, current].join("\n");
    })
    .join("\n");
}
