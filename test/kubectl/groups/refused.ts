import { idle } from "../manifests.ts";
import type { Group, Row } from "../row.ts";

/** kubectl asks its own list of kinds first, and sends nothing. */
const unknownKind: Pick<Row, "code" | "err"> = {
  code: 1,
  err: /^error: no kind "Process" is registered for version "wctl\.dev\/v1" in scheme /,
};

/** What kubectl does only for kinds that it was built with. docs/kubectl.md has the command of wctl for each. */
export const refused: Group = {
  title: "what no custom kind can do",
  given: idle("ref"),
  rows: [
    { run: "rollout status process/ref", once: true, ...unknownKind },
    { run: "rollout restart process/ref", ...unknownKind },
    { run: "rollout history process/ref", once: true, ...unknownKind },
    { run: "rollout undo process/ref", once: true, ...unknownKind },
    { run: "set env process/ref A=b", once: true, ...unknownKind },
    { run: "logs process/ref", ...unknownKind },
    { run: "exec process/ref -- true", once: true, ...unknownKind },
    {
      run: "autoscale process/ref --max=3",
      code: 1,
      err: /^Error from server \(NotFound\): the server could not find the requested resource\n|^error: /,
    },
    {
      run: "attach -i ref-0",
      stdin: "x",
      code: 1,
      err: /: nobody holds the input of a program: attach without --stdin \(-i\)\n$/,
    },
    {
      run: "debug ref-0 --image=x",
      code: 1,
      out: /^(Defaulting debug container name .*\n)?$/,
      err: /^error: ephemeral containers are disabled for this cluster/m,
    },
    { run: "expose process/ref --port=1", once: true, code: 1, err: /^[Ee]rror/ },
    { run: "certificate approve x", once: true, code: 1, err: /^[Ee]rror/ },
    {
      run: "port-forward pod/ref-0 1:1",
      code: 1,
      err: /^error: unable to forward port because pod is not running\. Current status=Pending\n$/,
    },
    { run: "run pod --image=x", code: 1, err: /^error: |^Error from server / },
    {
      run: "apply -f - --prune -l app=ref",
      stdin: idle("ref-prunes", "", "{app: ref}"),
      once: true,
      code: 1,
      out: /^process\.wctl\.dev\/ref-prunes created\n$/,
      err: /error retrieving RESTMappings to prune: .*no matches for kind "Endpoints"/,
      leaves: { "process/ref-prunes": {} },
    },
    {
      run: "cluster-info dump --namespaces=NS -o jsonpath={.kind}",
      once: true,
      code: 1,
      out: /^NodeListEventList/,
      err: /^Error from server \(NotFound\): the server could not find the requested resource\n$/,
    },
    { run: "create deployment d --image=x", once: true, code: 1, err: /^[Ee]rror/ },
  ],
};
