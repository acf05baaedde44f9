/** Prometheus' text format 0.0.4. */

/** `namespace="shop",process="web"`: written once for each object, since thousands of samples have them. */
export type Labels = string;

export const labels = (pairs: Readonly<Record<string, string>>): Labels =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");

/** Those, and one more. */
export const and = (known: Labels, name: string, value: string): Labels =>
  `${known}${known === "" ? "" : ","}${name}="${escaped(value)}"`;

/** All series of one name. */
export interface Family {
  name: string;
  type: "counter" | "gauge" | "histogram" | "summary";
  /** One sentence. */
  help: string;
  samples: readonly Sample[];
}

export interface Sample {
  labels: Labels;
  value: number;
  /** `_sum`, `_count`, `_bucket` of a histogram or summary. */
  suffix?: string;
}

export const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: "gauge",
  help,
  samples,
});

export const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: "counter",
  help,
  samples,
});

export function familyText({ name, type, help, samples }: Family): string {
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const { labels, value, suffix = "" } of samples)
    text += `${name}${suffix}${labels === "" ? "" : `{${labels}}`} ${value}\n`;
  return text;
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : value;
}
