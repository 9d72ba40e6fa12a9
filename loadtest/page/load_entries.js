// What penstock-load wrote, made ready to be drawn. A key that is not there (an older file's, or a
// figure that is not known) is null or an empty list here: its chart is left out.
'use strict';

const PERCENTILES = [['p50', 'p50_ns', 0.5], ['p90', 'p90_ns', 0.9], ['p99', 'p99_ns', 0.99],
                     ['p99.9', 'p99_9_ns', 0.999], ['p99.99', 'p99_99_ns', 0.9999]];
const SAMPLES_ABOVE_MIN = 10;  // as histogram.h: a percentile that fewer lie above is chance
const TAIL_SHARE_MIN = 0.5;    // a shorter rest of a second is too short for a rate
const CURVE_POINTS_A_DECADE = 24;

// The highest value of a bucket of histogram.h. (Numbers, not bits: they are longer than 32.)
function highestOf(bucket, subBucketBits) {
  const half = 2 ** subBucketBits;
  if (bucket < 2 * half) return bucket;
  const shift = Math.floor(bucket / half) - 1;
  return (bucket - shift * half + 1) * 2 ** shift - 1;
}

// [{x: 1 / (1 - p), y: ns}]: as far as percentiles are known.
function curveOf(latency) {
  const {buckets, sub_bucket_bits: bits} = latency?.histogram ?? {};
  const count = latency?.count ?? 0;
  const end = count / SAMPLES_ABOVE_MIN;
  if (!buckets?.length || end <= 1) return [];
  const xs = [2];  // the median, which powers of ten leave out
  for (let step = 0; 10 ** (step / CURVE_POINTS_A_DECADE) <= end; ++step) {
    xs.push(10 ** (step / CURVE_POINTS_A_DECADE));
  }
  const points = [];
  let next = 0;
  let seen = 0;
  for (const x of xs.filter((at) => at <= end).sort((a, b) => a - b)) {
    const rank = Math.max(1, Math.ceil(count * (1 - 1 / x) - 1e-6));
    while (next < buckets.length && seen + buckets[next][1] < rank) seen += buckets[next++][1];
    if (next === buckets.length) break;
    points.push({x, y: Math.min(highestOf(buckets[next][0], bits), latency.max_ns ?? Infinity)});
  }
  return points;
}

// The least and greatest that --repeat saw, over the curve's x: of all of it where the runs have
// their histograms, else of the percentiles that they have.
function bandOf(latencies) {
  if (latencies.length < 2) return null;
  const curves = latencies.map(curveOf);
  const length = Math.min(...curves.map((curve) => curve.length));
  if (length > 1) {
    return curves[0].slice(0, length).map(({x}, i) => {
      const {min, max} = figureOf(curves.map((curve) => curve[i].y));
      return {x, min, max};
    });
  }
  const band = [];
  for (const [, key, share] of PERCENTILES) {
    const figure = figureOf(latencies.map((latency) => latency?.[key]));
    if (figure) band.push({x: 1 / (1 - share), min: figure.min, max: figure.max});
  }
  return band.length > 1 ? band : null;
}

// Of each second: {from, to} in seconds of the window, and what per second became of the calls.
function secondsOf(report) {
  const seconds = [];
  let from = 0;
  for (const entry of report.series ?? []) {
    const span = entry.at_s - from;
    const usual = seconds.length > 0 ? seconds[0].to - seconds[0].from : 0;
    if (span > 0 && span >= TAIL_SHARE_MIN * usual) {
      seconds.push({...entry, from, to: entry.at_s,
                    rate: (entry.ok + (entry.carried_ok ?? 0)) / span,
                    failed: (entry.errors ?? 0) / span,
                    dropped: isKnown(entry.dropped) ? entry.dropped / span : 0});
    }
    from = entry.at_s;
  }
  return seconds;
}

// What an open loop is asked for at `at` seconds of the window, by its stages.
function offeredAt(load, at) {
  const stages = load.stages ?? [];
  if (stages.length === 0) return null;
  const now = at * 1e9 + (load.warmup_ns ?? 0);
  const next = stages.findIndex((stage) => stage.at_ns > now);
  if (next < 0) return stages.at(-1).per_second;
  if (next === 0) return stages[0].per_second;
  const [a, b] = [stages[next - 1], stages[next]];
  return a.per_second + (b.per_second - a.per_second) * (now - a.at_ns) / (b.at_ns - a.at_ns);
}

// A run: its report (of --repeat: the one in the middle), and the repeats, or the report alone.
function entryOf(name, report) {
  const isOpen = report.load?.mode === 'open';
  const repeats = report.repeats?.length ? report.repeats : [report];
  const kind = isOpen && report.latency?.response ? 'response' : 'service';
  return {
    name, report, repeats, isOpen, kind,
    latency: report.latency?.[kind] ?? null,
    latencies: repeats.map((repeat) => repeat.latency?.[kind] ?? null),
    rate: figureOf(repeats.map((repeat) => repeat.totals?.rps)),
    seconds: secondsOf(report),
  };
}

const percentileOf = (entry, key) => figureOf([
  ...entry.latencies.map((latency) => latency?.[key])]);

// "open loop, 50,000/s, Poisson", "closed loop, 10 connections of 100 streams".
function loadText(load) {
  if (!load) return '';
  const slots = countText(load.connections) + (load.connections === 1 ? ' connection' :
      ' connections') + ' of ' + countText(load.streams_per_connection) + ' streams';
  if (load.mode !== 'open') return 'closed loop, ' + slots;
  const stages = (load.stages ?? []).map((stage, i, all) => rateText(stage.per_second) + '/s' +
      (all.length > 1 ? ' at ' + secondsText(stage.at_ns / 1e9) : ''));
  return 'open loop, ' + stages.join(', ') + (load.arrival ? ', ' + load.arrival : '') + ', ' +
      slots;
}

// As a shell takes it.
const commandText = (words) => (words ?? []).map((word) =>
  /^[\w@%+=:,.\/{}-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'").join(' ');
