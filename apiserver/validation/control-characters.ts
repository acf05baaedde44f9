import type { ProcessTemplate } from "../../api/types.generated.ts";

/**
 * Warnings about texts in which an escape sequence was hardly meant: `"C:\temp\new.txt"` in double quotes is, for YAML, a tab and a line end.
 * Values of variables are not repeated (P20). Tabs and line ends elsewhere are left alone: scripts and certificates have them.
 */
export const controlWarnings = (template: ProcessTemplate, path: string): string[] => [
  ...(template.args ?? []).flatMap((text, index) => warning(`${path}.args[${index}]`, text)),
  ...(template.env ?? []).flatMap(({ value = "" }, index) => warning(`${path}.env[${index}].value`, value, true)),
  ...Object.entries(commandsOf(template)).flatMap(([where, command]) =>
    (command ?? []).flatMap((text, index) => warning(`${path}.${where}[${index}]`, text)),
  ),
];

const commandsOf = ({ startupProbe, readinessProbe, livenessProbe, stop }: ProcessTemplate) => ({
  "startupProbe.exec.command": startupProbe?.exec?.command,
  "readinessProbe.exec.command": readinessProbe?.exec?.command,
  "livenessProbe.exec.command": livenessProbe?.exec?.command,
  "stop.preStop.exec.command": stop?.preStop?.exec.command,
});

/** What YAML and JSON make of the letter behind a backslash. */
const ESCAPES: Readonly<Record<string, string>> = { "\t": "t", "\n": "n", "\r": "r" };

/** A drive, then at once or within the same path one of these characters: nobody has files of such names. */
const BROKEN_PATH = /(?:^|[\s"'=;,])[A-Za-z]:(?:[\t\n\r]|[\\/][^\t\n\r:]{0,260}[\t\n\r][^\s])/;

function warning(field: string, text: string, isHidden = false): string[] {
  if (!BROKEN_PATH.test(text)) return [];
  const meant = text.replace(/[\t\n\r]/g, (character) => `\\${ESCAPES[character]}`);
  const fix = isHidden ? "" : `, as '${meant.slice(0, 300).replaceAll("'", "''")}'`;
  return [
    `${field}: a path with a tab or a line end in it: in double quotes \\t and \\n are escape sequences; use single quotes${fix}`,
  ];
}
