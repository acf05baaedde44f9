import { ManifestError } from "../../../../api/manifest-error.ts";
import type { Context } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import type { Found } from "../../input/find-objects.ts";
import { line } from "../../output/output.ts";
import { EditFile } from "./edit-file.ts";
import { editText, objectsText, type Reason, shown, type TextStyle, withoutComments } from "./edit-text.ts";
import { type Edited, editedObjects } from "./edited-objects.ts";
import { type SendFlags, sendEdited } from "./send-edited.ts";

interface EditFlags extends TextStyle, SendFlags {
  "show-managed-fields": boolean;
}

/** Opens the editor until what it leaves was taken, or was given up. Throws a Failure that follows the name of the kept file. */
export async function editRounds(found: readonly Found[], flags: EditFlags, context: Context): Promise<void> {
  let open = found.map((one) => ({ ...one, object: shown(one.object, flags["show-managed-fields"]) }));
  let original = textOf(open, flags);
  const file = new EditFile(flags.output);
  let refused: string | undefined;
  let text = editText(original, [], flags);
  try {
    for (;;) {
      await file.write(text);
      await context.edit(file.path);
      const typed = withoutComments(await file.read());
      if (typed === refused) throw new Failure("Edit cancelled, no valid changes were saved.");
      const end = endOf(typed, original);
      if (end !== undefined) {
        await line(context.err, end);
        break;
      }
      const { left, reasons, faulty } = await attempt(typed, open, flags, context);
      if (reasons.length === 0) break;
      const again = faulty.length > 0 && faulty.length < open.length ? objectsText(faulty, flags) : typed;
      open = left;
      original = textOf(open, flags);
      refused = again;
      text = editText(again, reasons, flags);
    }
  } catch (error) {
    if (refused !== undefined || error instanceof Kept) {
      await line(context.err, `A copy of your changes has been stored to ${JSON.stringify(file.path)}`);
      throw error instanceof Kept ? error.cause : error;
    }
    await file.remove();
    throw error;
  }
  await file.remove();
}

/** What was typed must not be lost with this error. */
class Kept extends Error {
  constructor(cause: unknown) {
    super("kept", { cause });
  }
}

const textOf = (open: readonly Found[], style: TextStyle): string =>
  objectsText(
    open.map(({ object }) => object),
    style,
  );

/** Why there is nothing to send; undefined when there is something. */
function endOf(typed: string, original: string): string | undefined {
  if (typed.trim() === "") return "Edit cancelled, saved file was empty.";
  return typed === original ? "Edit cancelled, no changes made." : undefined;
}

interface Attempt {
  /** What the editor is to be opened for again, as it was before. */
  left: Found[];
  reasons: Reason[];
  /** The same objects as they were typed; empty when they could not be read. */
  faulty: Edited["object"][];
}

async function attempt(typed: string, open: Found[], flags: EditFlags, context: Context): Promise<Attempt> {
  let edited: Edited[];
  try {
    edited = editedObjects(typed, open);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw new Kept(error);
    const head = "The edited file had a syntax error:";
    await line(context.err, `error: the edited file had a syntax error: ${error.problem}`);
    return { left: open, reasons: [{ head, causes: [`line ${error.line}: ${error.problem}`] }], faulty: [] };
  }
  const result: Attempt = { left: [], reasons: [], faulty: [] };
  for (const one of edited) {
    const reason = await sendEdited(one, flags, context).catch((error: unknown) => {
      throw new Kept(error);
    });
    if (!reason) continue;
    result.left.push(one.found);
    result.reasons.push(reason);
    result.faulty.push(one.object);
  }
  return result;
}
