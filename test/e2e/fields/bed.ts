import { after, before } from "node:test";
import { DaemonUnderTest, eventually } from "../daemon-under-test.ts";

/** Command and arguments of a Process, as spec lines: a script of the shell. */
export const sh = (script: string): string => `command: /bin/sh\nargs: [-c, ${JSON.stringify(script)}]\n`;

/** A Process of these spec lines (YAML). */
export const processOf = (name: string, spec: string): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n${spec.replace(/^/gm, "  ")}\n`;

/** One daemon for the tests of a file, each of which has Processes of its own. Made while the file is loaded. */
export class Bed {
  daemon!: DaemonUnderTest;

  constructor() {
    before(async () => {
      this.daemon = await DaemonUnderTest.start();
    });
    after(() => this.daemon.dispose());
  }

  /** With the documents that `more` has besides. */
  create(name: string, spec: string, more = ""): Promise<string> {
    return this.daemon.apply(`${processOf(name, spec)}${more}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  instance(name: string): Promise<any> {
    return this.daemon.json("instance", name);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  process(name: string): Promise<any> {
    return this.daemon.json("process", name);
  }

  /** Waits until the instance's status satisfies. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field
  when(name: string, test: (status: any) => unknown, what = test.toString()): Promise<any> {
    return eventually(`${name}: ${what}`, async () => {
      const found = await this.instance(name);
      return test(found.status ?? {}) ? found.status : undefined;
    });
  }

  logs(name: string, ...args: string[]): Promise<string> {
    return this.daemon.ok("logs", `instance/${name}`, ...args);
  }

  /** Waits for the words in the output and gives all of it. */
  output(name: string, wanted: RegExp): Promise<string> {
    return eventually(`${name} to print ${wanted}`, async () => {
      const text = await this.logs(name);
      return wanted.test(text) ? text : undefined;
    });
  }
}
