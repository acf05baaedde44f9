import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { templateOf } from "../../../../../api/process-template.ts";
import { controllerRevisions, processes } from "../../../../../api/scheme.ts";
import { recordOf } from "../../../../../controllers/process/history/record.ts";
import { Desk } from "../../desk.ts";

const CAUSE = "kubernetes.io/change-cause";

describe("the history of rollouts", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());

  /** A Process with these programs in its history, the last of which is what it says now. */
  async function rolled(name: string, commands: readonly string[], spec: object = {}): Promise<void> {
    const web = await desk.process(name, { command: commands.at(-1), ...spec }, undefined, {
      annotations: { [CAUSE]: "because" },
    });
    const template = templateOf(web.spec);
    for (const [index, command] of commands.entries()) {
      const changeCause = index === 0 ? "the first" : undefined;
      const record = {
        revision: `${name}-${index}`,
        number: index + 1,
        template: { ...template, command },
        changeCause,
      };
      await desk.client.create(controllerRevisions, recordOf(web, record));
    }
  }
  const read = (name: string) => desk.client.get(processes, `default/${name}`);

  it("lists revisions with their change cause, and shows one", async () => {
    await rolled("listed", ["/bin/one", "/bin/two"]);
    assert.equal(
      (await desk.wctl("rollout history process/listed")).out,
      "process.wctl.dev/listed\nREVISION   CHANGE-CAUSE\n1          the first\n2          <none>\n\n",
    );
    const { out } = await desk.wctl("rollout history process/listed --revision=1");
    assert.match(
      out,
      /^process\.wctl\.dev\/listed with revision #1\nProcess Template:\n {2}Change Cause: {2}the first\n/,
    );
    assert.match(out, /\n {2}Command: +\/bin\/one\n/);
    const { code, err } = await desk.wctl("rollout history process/listed --revision=9");
    assert.deepEqual([code, err], [1, 'error: unable to find the specified revision 9 of process "listed"\n']);
  });

  it("shows a template that is not recorded yet by the number that it will get", async () => {
    await desk.process("new", {}, undefined, { annotations: { [CAUSE]: "born" } });
    assert.match((await desk.wctl("rollout history new")).out, /\n1 +born\n/);
    assert.equal((await desk.wctl("rollout undo new")).err, 'error: no rollout history found for process "new"\n');
  });

  it("undo goes one back, with its change cause, and leaves the number of replicas alone", async () => {
    await rolled("back", ["/bin/one", "/bin/two"], { replicas: 3, minReadySeconds: 7 });
    const { out } = await desk.wctl("rollout undo process/back");
    assert.equal(out, "process.wctl.dev/back rolled back\n");
    const { spec, metadata } = await read("back");
    assert.deepEqual([spec.command, spec.replicas, spec.minReadySeconds], ["/bin/one", 3, 7]);
    assert.equal(metadata.annotations?.[CAUSE], "the first");
  });

  it("undo --to-revision goes to any, and to the present one not at all", async () => {
    await rolled("any", ["/bin/one", "/bin/two", "/bin/three"]);
    assert.equal(
      (await desk.wctl("rollout undo process/any --to-revision=3")).out,
      "process.wctl.dev/any skipped rollback (current template already matches revision 3)\n",
    );
    await desk.wctl("rollout undo process/any --to-revision=1");
    assert.equal((await read("any")).spec.command, "/bin/one");
    assert.match((await desk.wctl("rollout undo process/any --to-revision=8")).err, /revision 8 of process "any"/);
  });

  it("undo --dry-run says where it would go, and changes nothing", async () => {
    await rolled("tried", ["/bin/one", "/bin/two"]);
    const { out } = await desk.wctl("rollout undo process/tried --dry-run");
    assert.match(
      out,
      /^process\.wctl\.dev\/tried rolled back \(dry run\)\nProcess Template:\n(?:.*\n)*? *Command: +\/bin\/one\n/,
    );
    await desk.wctl("rollout undo process/tried --dry-run=server");
    assert.equal((await read("tried")).spec.command, "/bin/two");
  });

  it("of undos at the same moment each goes one back from what it has read, or is told that it lost", async () => {
    await rolled("raced", ["/bin/one", "/bin/two"]);
    const all = await Promise.all(Array.from({ length: 6 }, () => desk.wctl("rollout undo raced")));
    const won = all.filter(({ code }) => code === 0);
    for (const { out } of won) assert.equal(out, "process.wctl.dev/raced rolled back\n");
    for (const { code, err } of all) if (code !== 0) assert.match(err, /^Error from server \(Conflict\): /);
    assert.equal((await read("raced")).spec.command, won.length % 2 === 1 ? "/bin/one" : "/bin/two");
  });

  it("pause and resume say what they did, and what was so already is an error", async () => {
    await rolled("held", ["/bin/one", "/bin/two"]);
    assert.equal((await desk.wctl("rollout pause process/held")).out, "process.wctl.dev/held paused\n");
    assert.equal((await read("held")).spec.paused, true);
    assert.deepEqual(await desk.wctl("rollout pause process/held"), {
      code: 1,
      out: "",
      err: 'error: processes.wctl.dev "held" is already paused\n',
    });
    const undone = await desk.wctl("rollout undo process/held");
    assert.match(undone.err, /^error: process "held" is paused and cannot be rolled back\n/);
    assert.equal((await desk.wctl("rollout resume process/held")).out, "process.wctl.dev/held resumed\n");
    assert.equal((await read("held")).spec.paused, false);
    assert.match((await desk.wctl("rollout resume process/held")).err, /is not paused\n$/);
  });
});
