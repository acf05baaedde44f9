import type { Group } from "../row.ts";

/** What the server is and has, before any object of it is asked for. */
export const asking: Group = {
  title: "discovery, version, explain, config, auth",
  rows: [
    { run: "config set-context --current --namespace=NS", out: /^Context ".+" modified\.\n$/ },
    { run: "config view --minify -o jsonpath={..namespace}", out: /^NS$/ },
    { run: "config current-context", out: /^\S+\n$/ },
    {
      run: "version",
      until: 28,
      out: /^Server Version: version\.Info\{Major:"1", Minor:"\d+", GitVersion:"v1\.\d+\.\d+/m,
    },
    {
      run: "version",
      since: 28,
      out: /^Server Version: v1\.\d+\.\d+-wctl\.\d/m,
      err: /^(WARNING: version difference .*\n)?$/i,
    },
    { run: "api-versions", out: /^v1\n(.*\n)*wctl\.dev\/v1\n$/m },
    { run: "api-resources", out: /^processes +proc +wctl\.dev\/v1 +true +Process$/m },
    {
      run: "api-resources --api-group=wctl.dev -o name --namespaced=true",
      out: /^gitsources\.wctl\.dev\nhomes\.wctl\.dev\ninstances\.wctl\.dev\nprocesses\.wctl\.dev\n$/,
    },
    { run: "api-resources --namespaced=false", out: /^nodes +no +v1 +false +Node$/m },
    { run: "cluster-info", out: /is running at .*https:\/\/127\.0\.0\.1:\d+/ },
    { run: "proxy --port=0", watching: {}, out: /^Starting to serve on 127\.0\.0\.1:\d+\n$/ },
    { run: "get --raw /readyz", out: /^ok$/ },
    { run: "explain processes", out: /KIND: +Process\n[\s\S]*\n +spec\t<\S*>/ },
    { run: "explain process.spec.replicas", out: /FIELD: +replicas <integer>/ },
    { run: "explain proc.spec.readinessProbe.httpGet --recursive", out: /^ +port\t<\S*>/m },
    {
      run: "explain process.spec.nosuch",
      code: 1,
      out: /^(GROUP: .*\nKIND: .*\nVERSION: .*\n\n)?$/,
      err: /^error: field "nosuch" does not exist\n$/,
    },
    { run: "explain pods.spec.nodeName", out: /FIELD: +nodeName <string>/ },
    { run: "auth can-i create processes", out: /^yes\n$/ },
    { run: "auth can-i create processes --as=nobody", code: 1, out: /^no\n$/ },
    { run: "auth can-i --list", out: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
    {
      run: "auth whoami",
      since: 28,
      out: /^Username +\S+\nGroups +\[system:masters system:authenticated\]$/m,
    },
  ],
};
