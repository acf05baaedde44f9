import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { and, counter, familyText, gauge, labels } from "../../../../cmd/wctld/metrics/exposition.ts";
import { Histogram } from "../../../../cmd/wctld/metrics/histogram.ts";

describe("the text for Prometheus", () => {
  it("has a line for each sample below its name, type and sentence", () => {
    const samples = [
      { labels: "", value: 1 },
      { labels: and(labels({ a: "x" }), "b", "y"), value: 2.5 },
    ];
    assert.equal(
      familyText(gauge("wctl_x", "Something.", samples)),
      '# HELP wctl_x Something.\n# TYPE wctl_x gauge\nwctl_x 1\nwctl_x{a="x",b="y"} 2.5\n',
    );
    assert.equal(
      familyText(counter("wctl_y_total", "None.", [])),
      "# HELP wctl_y_total None.\n# TYPE wctl_y_total counter\n",
    );
  });

  it("keeps what stands in a label inside of it", () => {
    const sample = { labels: labels({ a: 'q"\\\n# TYPE' }), value: 0 };
    assert.equal(familyText(gauge("wctl_x", "X.", [sample])).split("\n")[2], 'wctl_x{a="q\\"\\\\\\n# TYPE"} 0');
  });

  it("counts times by what they took at most", () => {
    const histogram = new Histogram();
    for (const seconds of [0.0005, 0.02, 60]) histogram.observe(seconds);
    const samples = histogram
      .samples(labels({ c: "d" }))
      .map(({ suffix, labels: own, value }) => `${suffix} ${own} ${value}`);
    assert.deepEqual(samples.slice(0, 3), [
      '_bucket c="d",le="0.001" 1',
      '_bucket c="d",le="0.005" 1',
      '_bucket c="d",le="0.025" 2',
    ]);
    assert.deepEqual(samples.slice(-3), ['_bucket c="d",le="+Inf" 3', '_sum c="d" 60.0205', '_count c="d" 3']);
  });
});
