import { all } from "../manifests.ts";
import type { Group } from "../row.ts";

const speaker = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: run, labels: {app: run}}
spec:
  command: /bin/sh
  args: [-c, "echo its first words; echo its last words; exec sleep 100000"]
`;

const talker = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: run-talks}
spec:
  command: /bin/sh
  args: [-c, "while :; do echo so it goes on; sleep 0.2; done"]
`;

/** What runs: as a Process, and as a Pod. */
export const running: Group = {
  title: "wait, pods, logs, exec, top",
  given: all(speaker, talker),
  rows: [
    { run: "wait --for=condition=Ready process/run", out: /^process\.wctl\.dev\/run condition met\n$/ },
    { run: "wait --for=condition=Ready process -l app=run", out: /^process\.wctl\.dev\/run condition met\n$/ },
    {
      run: "wait --for=jsonpath={.status.readyReplicas}=1 process/run",
      since: 23,
      out: /^process\.wctl\.dev\/run condition met\n$/,
    },
    {
      run: "wait --for=condition=Ready=false process/run --timeout=1s",
      code: 1,
      err: /^error: timed out waiting for the condition on processes\/run\n$/,
    },
    {
      run: "wait --for=condition=Ready process/nosuch",
      code: 1,
      err: /^Error from server \(NotFound\): processes\.wctl\.dev "nosuch" not found\n$/,
    },
    { run: "get instances", out: /^NAME +READY .*\n(.*\n)*run-0 +1\/1 +Running / },
    {
      run: "events --for=process/run",
      since: 26,
      out: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n(.*\n)*.* Process\/run /,
    },
    {
      run: "get events --field-selector=involvedObject.name=run-0,reason=Started",
      out: /^LAST SEEN .*\n.* Started +instance\/run-0 /,
    },
    { run: "describe process run", out: /\nEvents:\n +Type +Reason +Age +From +Message\n/ },
    { run: "get pods", out: /^NAME +READY +STATUS +RESTARTS +AGE\n(.*\n)*run-0 +1\/1 +Running +0 +\d+s\n/ },
    { run: "get pods -l app=run -o wide", out: /^NAME .* NODE .*\nrun-0 / },
    {
      run: "get pod run-0 -o jsonpath={.status.phase}/{.spec.containers[0].name}/{.metadata.ownerReferences[0].kind}",
      out: /^Running\/main\/Process$/,
    },
    {
      run: "describe pod run-0",
      out: /^Name: +run-0\n[\s\S]*\n +main:\n[\s\S]*State: +Running\n[\s\S]*\nEvents:/,
    },
    { run: "wait --for=condition=Ready pod/run-0", out: /^pod\/run-0 condition met\n$/ },
    { run: "logs run-0", out: /^its first words\nits last words\n$/ },
    { run: "logs run-0 -c main --tail=1", out: /^its last words\n$/ },
    { run: "logs -l app=run --since=1h", out: /^its first words\nits last words\n$/ },
    { run: "logs run-0 --timestamps --limit-bytes=12", out: /^\d{4}-\d\d-\d\dT/ },
    { run: "logs -f run-0", watching: {}, out: /^its first words\nits last words\n$/ },
    {
      run: "attach run-talks-0",
      watching: {},
      out: /^(so it goes on\n)+$/,
      err: /If you don't see a command prompt, try pressing enter\.\n$/,
    },
    { run: "port-forward pod/run-0 :1", watching: {}, out: /^Forwarding from 127\.0\.0\.1:\d+ -> 1\n/ },
    { run: "exec run-0 -- echo from inside", out: /^from inside\n$/ },
    { run: "exec -i run-0 -- cat", stdin: "what it was told", out: /^what it was told$/ },
    { run: "exec run-0 -- cp /proc/self/comm words", out: /^$/ },
    { run: "cp run-0:words words", out: /^$/ },
    {
      run: "create configmap run-copied --from-file=words",
      out: /^configmap\/run-copied created\n$/,
      leaves: { "configmap/run-copied": { data: { words: "cp\n" } } },
    },
    { run: "exec run-0 -- false", code: 1, err: /^command terminated with exit code 1\n$/ },
    {
      run: "top pods",
      out: /^NAME +CPU\(cores\) +MEMORY\(bytes\) *\nrun-0 +\d+m +\d+Mi *\n/,
    },
    { run: "top nodes", out: /^NAME +CPU\(cores\) +CPU[%(]/ },
    { run: "delete pod run-0 --wait=false", out: /^pod "run-0" deleted( from NS namespace)?\n$/ },
  ],
};
