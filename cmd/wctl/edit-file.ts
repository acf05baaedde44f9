import { Failure } from "./errors/failure.ts";

/** Opens the file in the editor that the environment names. */
export async function editFile(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const [program = "", ...args] = editorIn(env);
  const { spawn } = await import("node:child_process");
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    const child = spawn(program, [...args, path], { stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  }).catch((cause: Error) => {
    throw new Failure(`unable to launch the editor ${JSON.stringify(program)}: ${cause.message}`, {
      hint: "KUBE_EDITOR, VISUAL or EDITOR names one: a program, not a script of cmd.exe.",
      cause,
    });
  });
  if (code !== 0) throw new Failure(`there was a problem with the editor ${JSON.stringify(program)}`);
}

/** Its program and first arguments: of KUBE_EDITOR, VISUAL or EDITOR, else what every system has. Blanks part words unless they are quoted. */
export function editorIn(env: NodeJS.ProcessEnv, standard = process.getuid === undefined ? "notepad" : "vi"): string[] {
  const named = [env.KUBE_EDITOR, env.VISUAL, env.EDITOR].find((text) => text?.trim());
  const words = (named ?? standard).match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
