// The dashboard: asks for the server's counts once a second, and draws their differences.
'use strict';

const PERIOD_MS = 1000;
const POINTS_MAX = 120;  // two minutes
const COLOURS = ['#0b7285', '#e8590c', '#5f3dc4', '#2b8a3e', '#c2255c', '#1864ab', '#e67700', '#495057'];

const byId = (id) => document.getElementById(id);

// A line chart whose lines appear when they first have something to show.
class Lines {
  constructor(id) {
    this.chart = new Chart(byId(id), {
      type: 'line',
      data: {labels: [], datasets: []},
      options: {
        animation: false,
        maintainAspectRatio: false,
        spanGaps: true,  // a second without calls has no percentiles
        elements: {point: {radius: 0}, line: {borderWidth: 2}},
        interaction: {mode: 'index', intersect: false},
        scales: {y: {beginAtZero: true}, x: {ticks: {maxTicksLimit: 8}}},
      },
    });
  }

  // `values`: {name: number}
  add(label, values) {
    const {labels, datasets} = this.chart.data;
    labels.push(label);
    for (const name of Object.keys(values)) {
      if (datasets.some((line) => line.label === name)) continue;
      const colour = COLOURS[datasets.length % COLOURS.length];
      datasets.push({label: name, data: new Array(labels.length - 1).fill(null),
                     borderColor: colour, backgroundColor: colour});
    }
    for (const line of datasets) line.data.push(values[line.label] ?? null);
    if (labels.length > POINTS_MAX) {
      labels.shift();
      for (const line of datasets) line.data.shift();
    }
    this.chart.update('none');
  }
}

// The upper bound of the bucket in which the share `quantile` of the counts is reached; null
// without any.
function quantileNs(counts, uppers, quantile) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let seen = 0;
  for (let i = 0; i < counts.length; ++i) {
    seen += counts[i];
    if (seen > all * quantile || seen === all) return uppers[Math.min(i, uppers.length - 1)];
  }
  return null;
}

const difference = (now, before) => Math.max(0, now - (before ?? 0));

function durationText(ns) {
  if (ns === null) return '-';
  if (ns < 1e6) return (ns / 1e3).toFixed(1) + ' µs';
  return ns < 1e9 ? (ns / 1e6).toFixed(1) + ' ms' : (ns / 1e9).toFixed(1) + ' s';
}

const charts = {};
let before = null;

function draw(now) {
  if (before === null) return;
  const seconds = (now.now_ns - before.now_ns) / 1e9;
  if (seconds <= 0) return;
  const perSecond = (a, b) => difference(a, b) / seconds;
  const rates = {};
  let handled = 0;
  for (const [code, count] of Object.entries(now.handled)) {
    handled += perSecond(count, before.handled[code]);
    if (code !== 'OK') rates[code] = perSecond(count, before.handled[code]);
  }
  const failed = Object.values(rates).reduce((sum, rate) => sum + rate, 0);
  const counts = now.times.map((count, i) => difference(count, before.times[i]));
  const [p50, p99] = [0.5, 0.99].map((q) => quantileNs(counts, now.upper_ns, q));
  const load = {};
  now.shards.forEach((shard, i) => {
    const earlier = before.shards[i];
    if (!shard.up || !earlier?.up) return;
    load['shard ' + shard.shard] = 100 * difference(shard.busy_ns, earlier.busy_ns) / 1e9 / seconds;
  });

  const label = new Date().toLocaleTimeString();
  const microseconds = (ns) => ns === null ? null : ns / 1000;
  charts.throughput.add(label, {ended: handled, started: perSecond(now.started, before.started)});
  charts.latency.add(label, {p50: microseconds(p50), p99: microseconds(p99)});
  charts.failures.add(label, rates);
  charts.load.add(label, load);
  byId('rate').textContent = handled.toFixed(0);
  byId('errors').textContent = failed.toFixed(1);
  byId('p50').textContent = durationText(p50);
  byId('p99').textContent = durationText(p99);
}

async function tick() {
  try {
    const response = await fetch('/dashboard/numbers.json', {cache: 'no-store'});
    const now = await response.json();
    const total = Object.values(now.handled).reduce((sum, count) => sum + count, 0);
    byId('total').textContent = total;
    byId('connections').textContent =
        now.shards.reduce((sum, shard) => sum + shard.connections, 0);
    const stuck = now.shards.filter((shard) => !shard.up).map((shard) => shard.shard);
    byId('state').textContent = stuck.length === 0 ? 'live' : 'no answer of shards ' + stuck;
    draw(now);
    before = now;
  } catch (error) {
    byId('state').textContent = 'the server does not answer: ' + error.message;
    before = null;
  }
  setTimeout(tick, PERIOD_MS);
}

for (const id of ['throughput', 'latency', 'failures', 'load']) charts[id] = new Lines(id);
tick();
