const labelled = (labels: string): string => (labels === "" ? "" : `, labels: ${labels}`);

/** As YAML. `more`: lines of its spec. */
export const process = (name: string, more = "", labels = ""): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}${labelled(labels)}}\nspec:\n  command: /bin/sleep\n  args: ["100000"]\n${more.replace(/^(?=.)/gm, "  ")}\n`;

/** One that is declared and does not run. */
export const idle = (name: string, more = "", labels = ""): string => process(name, `suspend: true\n${more}`, labels);

export const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

export const all = (...documents: string[]): string => documents.join("---\n");
