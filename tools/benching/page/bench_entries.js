// What tools/bench kept (penstock-bench/1), made ready to be drawn.
'use strict';

const PENSTOCK = 'penstock';
// Of a server, whatever others there are.
const COLOUR_OF = {penstock: 0, go: 1, grpc_cpp: 2, tonic: 3, floor: 5};
const GROUPS = [
  ['shapes', 'Connections and streams', 'Unary calls of a few octets.'],
  ['payloads', 'Sizes of messages', 'Unary calls, the same message both ways.'],
  ['headers', 'Deadlines and metadata', 'Unary calls that carry more than a message.'],
  ['tls', 'TLS', 'Unary calls over TLS.'],
  ['shards', 'Two shards', 'Unary calls to a server with two cores.'],
  ['streams', 'Streams', 'One bidirectional stream; what is counted are messages.'],
];

const byTime = (a, b) => (a.run.started_at ?? '').localeCompare(b.run.started_at ?? '');

// The oldest first; trials (--quick) only where there is nothing else.
function benchRuns(documents) {
  const runs = documents.filter(({document}) => document.schema === 'penstock-bench/1')
      .map(({name, document}) => ({name, ...document, run: document.run ?? {}})).sort(byTime);
  const kept = runs.filter(({run}) => !run.quick);
  return kept.length > 0 ? kept : runs;
}

// Google Benchmark's; of ours, `context.penstock` tells which commit it was.
function microRuns(documents) {
  const runOf = (name, context) => context?.penstock ??
      {commit: name.replace(/(\.gbench)?\.json$/, ''), started_at: context?.date ?? ''};
  const runs = documents.filter(({document}) => Array.isArray(document.benchmarks))
      .map(({name, document: {context, benchmarks}}) =>
        ({name, benchmarks, run: runOf(name, context)})).sort(byTime);
  const kept = runs.filter(({run}) => !run.quick);
  return kept.length > 0 ? kept : runs;
}

// The newest row of each cell: [{..row, run, names}]. A run may have measured a few cells alone.
function newestRows(runs) {
  const rows = new Map();
  for (const {run, servers, rows: measured} of runs) {
    const names = Object.fromEntries((servers ?? []).map(({key, name}) => [key, name]));
    for (const row of measured ?? []) {
      rows.delete(row.cell);  // so that the newest run's order is the page's
      rows.set(row.cell, {...row, run, names});
    }
  }
  return [...rows.values()];
}

// The servers of some rows, each once: [{key, label, colour}].
function serversOf(rows) {
  const labels = new Map();
  for (const {servers, names} of rows) {
    for (const key of Object.keys(servers)) labels.set(key, names[key] ?? key);
  }
  let next = 4;
  return [...labels].map(([key, label]) => ({key, label, colour: COLOUR_OF[key] ?? next++}));
}

const titlesOf = (rows) => rows.map((row) => ({title: row.title ?? row.cell, short: row.cell}));

// A figure of each row for each server: what dotChart() takes.
const seriesOf = (rows, figureOfEntry) => serversOf(rows).map(({key, label, colour}) => ({
  label, colour,
  figures: rows.map(({servers}) => servers[key] ? figureOfEntry(servers[key]) ?? null : null)}))
    .filter(({figures}) => figures.some((figure) => isKnown(figure?.median)));

const exactly = (value) => isKnown(value) ? {median: value} : null;

const spreadOf = (figure, text) => !figure ? UNKNOWN
  : {text: text(figure.median), of: figure.min !== figure.max && isKnown(figure.min)
      ? text(figure.min) + ' .. ' + text(figure.max) : null};

// [{cell, title, group, points: [{x: number of the run, y, min, max}]}] of one server, over runs.
function historyOf(runs, key, figureOfEntry) {
  const lines = new Map();
  runs.forEach(({rows}, x) => {
    for (const row of rows ?? []) {
      const figure = row.servers[key] ? figureOfEntry(row.servers[key]) : null;
      if (!isKnown(figure?.median)) continue;
      if (!lines.has(row.cell)) {
        lines.set(row.cell, {cell: row.cell, title: row.title, group: row.group, points: []});
      }
      lines.get(row.cell).points.push({x, y: figure.median, min: figure.min, max: figure.max});
    }
  });
  return [...lines.values()];
}

// --- micro-benchmarks

const NS_OF = {ns: 1, us: 1e3, ms: 1e6, s: 1e9};

// {name: {median, min, max} in ns of processor time} of one run's binary. Of repetitions the
// median, and the standard deviation on both sides of it.
function microFigures(benchmarks) {
  const found = new Map();
  for (const entry of benchmarks) {
    if (entry.error_occurred) continue;
    const [binary, bench] = [entry.binary ?? '', entry.run_name ?? entry.name];
    const name = binary + ' ' + bench;
    const parts = found.get(name) ?? {binary, name: bench, times: []};
    const ns = entry.cpu_time * (NS_OF[entry.time_unit ?? 'ns'] ?? 1);
    if (entry.run_type === 'aggregate') parts[entry.aggregate_name] = ns;
    else parts.times.push(ns);
    found.set(name, parts);
  }
  for (const parts of found.values()) {
    const middle = parts.median ?? parts.mean;
    parts.figure = isKnown(middle)
      ? {median: middle, ...(isKnown(parts.stddev)
          ? {min: Math.max(middle - parts.stddev, middle / 10), max: middle + parts.stddev} : {})}
      : figureOf(parts.times);
  }
  return found;
}
