// The page of penstock-load: one run, several beside each other, or a search for the highest rate.
'use strict';

const LATENCY_OF = {response: 'response latency, from the intended start',
                    service: 'service latency, from the actual send'};

const SECONDS_AXIS = {title: 'time, s', min: 0, text: shortNumber,
                      tell: (s) => digits3(s) + ' s'};
const RATE_AXIS = {title: 'calls per second', text: shortNumber, tell: (r) => rateText(r) + '/s'};
const LATENCY_AXIS = {title: 'latency, log scale', log: true, text: tickOfDuration,
                      tell: durationText};

// A second ends some microseconds late.
const roundedOf = (seconds) => Math.round(seconds * 100) / 100;
const meanOf = (points, key) => {
  const known = points.map((point) => point[key]).filter(isKnown);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
};
const meanPoint = (points) => ({x: points.at(-1).x, y: meanOf(points, 'y')});
const worstPoint = (points) => ({x: points.at(-1).x, y: figureOf(points.map((p) => p.y))?.max});
const pointsOf = (seconds, key, merge) => thinned(
  seconds.map((second) => ({x: roundedOf(second.to),
                            y: isKnown(second[key]) ? second[key] : null})), merge);
const hasAny = (points) => points.some((point) => isKnown(point.y));

// The rows of a table of lines over one x.
function rowsOfLines(lines, xText, yText) {
  const rows = new Map();
  lines.forEach((line, i) => {
    for (const {x, y} of line.points) {
      if (!rows.has(x)) rows.set(x, new Array(lines.length).fill(UNKNOWN));
      rows.get(x)[i] = yText(y);
    }
  });
  return [...rows].sort((a, b) => a[0] - b[0]).map(([x, cells]) => [xText(x), ...cells]);
}

function linesOverTime({title, text, y, lines, wide}) {
  const shown = lines.filter((line) => hasAny(line.points));
  if (shown.length === 0) return null;
  return chartOf({
    title, text, wide, configure: lineChart({x: SECONDS_AXIS, y, lines: shown}),
    table: {caption: title, columns: [{title: 'until'}, ...shown.map((line) => (
              {title: line.label, right: true}))],
            rows: rowsOfLines(shown, SECONDS_AXIS.tell, y.tell ?? y.text)},
  });
}

function throughputChart(entries) {
  const lines = entries.map((entry, i) => ({
    label: entries.length === 1 ? 'OK' : entry.name, colour: i,
    points: pointsOf(entry.seconds, 'rate', meanPoint),
    band: entry.repeats.length > 1 && entry.rate && entry.seconds.length > 1
        ? [entry.seconds[0].to, entry.seconds.at(-1).to].map((x) => (
            {x: roundedOf(x), min: entry.rate.min, max: entry.rate.max})) : null,
  }));
  const [first] = entries;
  if (entries.length === 1 && first.isOpen) {
    lines.push({label: 'offered', colour: 5, points: thinned(first.seconds.map((second) => (
      {x: roundedOf(second.to), y: offeredAt(first.report.load, second.to)})), meanPoint)});
  }
  const repeated = entries.some((entry) => entry.repeats.length > 1);
  return linesOverTime({
    title: 'Throughput', y: RATE_AXIS, lines, text: 'Calls that ended with OK, per second.' +
      (repeated ? ' The band is the least and the greatest mean of the repeated runs.' : '')});
}

function latencyOverTimeCharts(entries) {
  if (entries.length === 1) {
    const [entry] = entries;
    return [linesOverTime({
      title: 'Latency over time', y: LATENCY_AXIS, text: 'The ' + LATENCY_OF[entry.kind] + '.',
      lines: [['p50', 'p50_ns'], ['p99', 'p99_ns'], ['p99.9', 'p99_9_ns']].map(
        ([label, key]) => ({label, points: pointsOf(entry.seconds, key, worstPoint)}))})];
  }
  return [['p50', 'p50_ns'], ['p99', 'p99_ns']].map(([name, key]) => linesOverTime({
    title: 'Latency over time, ' + name, y: LATENCY_AXIS,
    text: 'The ' + entries.map((entry) => entry.kind).filter(
      (kind, i, all) => all.indexOf(kind) === i).join(' or ') + ' latency.',
    lines: entries.map((entry, i) => ({label: entry.name, colour: i,
                                       points: pointsOf(entry.seconds, key, worstPoint)}))}));
}

function percentileChart(entries) {
  const lines = entries.length > 1
    ? entries.map((entry, i) => ({label: entry.name, colour: i, points: curveOf(entry.latency),
                                  band: bandOf(entry.latencies)}))
    : ['response', 'service'].map((kind, i) => ({
        label: kind, colour: i, points: curveOf(entries[0].report.latency?.[kind]),
        band: bandOf(entries[0].repeats.map((repeat) => repeat.latency?.[kind]))}));
  const shown = lines.filter((line) => line.points.length > 1);
  if (shown.length === 0) return null;
  const end = Math.max(...shown.map((line) => line.points.at(-1).x));
  const shares = [[1, '0'], [2, '50'], [10, '90'], [100, '99'], [1e3, '99.9'], [1e4, '99.99'],
                  [1e5, '99.999'], [1e6, '99.9999'], [1e7, '99.99999']];
  const nameOf = (x) => shares.find(([at]) => at === x)?.[1] ?? digits3(100 * (1 - 1 / x));
  const at = (line, x) => line.points.findLast((point) => point.x <= x * 1.0001)?.y;
  return chartOf({
    title: 'Percentiles', text: 'The share of calls that took no longer. Each step to the right ' +
      'leaves a tenth of those that did; where fewer than ten are left the line ends.' +
      (shown.some((line) => line.band) ? ' The band is that of the repeated runs.' : ''),
    configure: lineChart({
      x: {title: 'calls, %', log: true, min: 1, max: end * 1.02,
          ticks: shares.map(([x]) => x).filter((x) => x <= end * 1.02), text: nameOf,
          tell: (x) => nameOf(x) + ' %'},
      y: LATENCY_AXIS, lines: shown}),
    table: {caption: 'Percentiles', columns: [{title: 'calls'}, ...shown.map((line) => (
              {title: line.label, right: true}))],
            rows: shares.slice(1).filter(([x]) => x <= end).map(([x, name]) => [
              name + ' %', ...shown.map((line) =>
                durationText(x <= line.points.at(-1).x * 1.05 ? at(line, x) : null))])},
  });
}

function statusChart({seconds, report, isOpen}) {
  if (seconds.length === 0) return null;
  const bins = thinned(seconds.map((second) => [second]), (many) => many.flat());
  const stacks = [{label: 'OK', colour: 2, key: 'rate'},
                  {label: 'errors', colour: 1, key: 'failed'},
                  ...(isOpen ? [{label: 'dropped', colour: 3, key: 'dropped'}] : [])];
  const shown = stacks
      .map((stack) => ({...stack, values: bins.map((bin) => meanOf(bin, stack.key))}))
      .filter((stack) => stack.key === 'rate' || stack.values.some((value) => value > 0));
  const failed = (report.totals?.errors ?? 0) + (report.totals?.dropped ?? 0);
  const labels = bins.map((bin) => shortNumber(bin.at(-1).to));
  return chartOf({
    title: 'What became of the calls', text: failed === 0 ? 'Every call ended with OK.' :
      countText(failed) + ' calls failed' + (isOpen ? ' or were dropped' : '') + '.',
    configure: stackChart({labels, x: {title: 'time, s', text: (s) => s + ' s'}, y: RATE_AXIS,
                           stacks: shown}),
    table: {caption: 'Calls per second', columns: [{title: 'until'}, ...shown.map((stack) => (
              {title: stack.label, right: true}))],
            rows: labels.map((label, i) => [label + ' s', ...shown.map((stack) =>
              rateText(stack.values[i]))])},
  });
}

function inFlightChart(entries) {
  return linesOverTime({
    title: 'In flight', text: 'Calls under way or waiting for a slot, at the end of each second.',
    y: {title: 'calls', text: shortNumber, tell: countText},
    lines: entries.map((entry, i) => ({
      label: entries.length === 1 ? 'in flight' : entry.name, colour: i,
      points: pointsOf(entry.seconds, 'in_flight', worstPoint)}))});
}

function coresChart({seconds, report}) {
  return linesOverTime({
    title: 'Processors', text: 'What the generator\'s busiest core and the server used.',
    y: {title: 'cores', text: shortNumber, tell: (cores) => digits3(cores) + ' cores'},
    lines: [{label: 'generator', points: pointsOf(seconds, 'generator_cpu', meanPoint)},
            {label: 'server', points: pointsOf(seconds, 'server_cores', meanPoint)}]});
}

function runCharts(entries) {
  const [first] = entries;
  return element('div', {class: 'charts'}, [
    throughputChart(entries), percentileChart(entries), ...latencyOverTimeCharts(entries),
    ...(entries.length === 1 ? [statusChart(first)] : []), inFlightChart(entries),
    ...(entries.length === 1 ? [coresChart(first)] : [])].filter((chart) => chart !== null));
}

// Of one beside others, whose other charts are laid over theirs.
function failureCharts(entry) {
  const {errors, dropped} = entry.report.totals ?? {};
  const chart = errors || dropped ? statusChart(entry) : null;
  return chart ? element('div', {class: 'charts'}, chart) : null;
}

function main() {
  const documents = readDocuments().map(({name, document}, i) =>
    ({name: name || 'run ' + (i + 1), document}));
  const isSearch = ({document}) => document.schema.startsWith('penstock-load-find-max/');
  const entries = documents.filter((one) => !isSearch(one)).map(
    ({name, document}) => entryOf(name, document));
  const searches = documents.filter(isSearch);
  const isOneOfMany = documents.length > 1;
  showPage(
    titleOf(entries, searches),
    entries.length > 1 ? compareSection(entries) : null,
    entries.map((entry) => runSection(entry, isOneOfMany, entries.length > 1)),
    searches.map((search) => searchSection(search, isOneOfMany)));
}

showResults(main);
