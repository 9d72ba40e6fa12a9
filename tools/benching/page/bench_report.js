// The page of tools/bench: servers beside each other in the newest runs, the history over commits,
// and the micro-benchmarks.
'use strict';

const CPU_AXIS = {title: 'µs a unit, log scale', log: true, text: shortNumber,
                  tell: microsecondsText};
const RATE_AXIS = {title: 'a second, log scale', log: true, text: shortNumber, tell: rateText};
const TIMES_AXIS = {title: 'multiple, log scale', log: true,
                    text: (ratio) => ratio < 0.999 ? '1/' + shortNumber(Math.round(10 / ratio) / 10)
                      : shortNumber(ratio) + '×',
                    tell: ratioText};
const TIME_AXIS = {title: 'latency, log scale', log: true,
                   text: (us) => tickOfDuration(us * 1000), tell: microsecondsText};
const LINES_MAX = 8;

const chartsOf = (...charts) => {
  const there = charts.flat().filter(Boolean);
  return there.length === 0 ? null : element('div', {class: 'charts'}, there);
};

// Dots of one figure; null where no server has it.
function comparison({title, text, rows, x, of, at, wide}) {
  const series = seriesOf(rows, of);
  const known = rows.map((_, i) => series.some(({figures}) => isKnown(figures[i]?.median)));
  const shown = rows.filter((_, i) => known[i]);
  if (shown.length === 0) return null;
  const names = titlesOf(shown);
  const left = series.map((dots) => ({...dots, figures: dots.figures.filter((_, i) => known[i])}));
  return chartOf({title, text, wide, height: dotHeight(names),
                  configure: dotChart({rows: names, x, series: left, at})});
}

const ratioChart = (rows, key, name) => comparison({
  title: 'Cost in multiples of ' + name, text: 'Server processor time; left of 1× is cheaper.',
  rows, x: TIMES_AXIS, of: (entry) => exactly(entry.ratio?.[key]), at: [{x: 1, text: name}]});

const limitOf = ({limit}) => limit === 'generator' ? {text: 'generator', of: 'a lower bound',
                                                      class: 'bad'} : limit ?? UNKNOWN;

function costTable(rows) {
  const lines = rows.flatMap((row) => Object.entries(row.servers).map(([key, entry]) => [
    row.cell, row.names[key] ?? key, spreadOf(entry.cpu_us, microsecondsText),
    ...['go', 'floor'].map((other) => ratioText(entry.ratio?.[other])),
    spreadOf(entry.rate, rateText),
    ...['p50', 'p99', 'p99_9'].map((name) => spreadOf(entry.latency_us?.[name], microsecondsText)),
    spreadOf(entry.rss_bytes, bytesText), percentText(entry.server_core?.median),
    limitOf(entry), row.run.commit]));
  return element('div', {class: 'block'}, tableOf({
    long: true, caption: 'Medians, and below them the least and the greatest',
    columns: [{title: 'load'}, {title: 'server'}, ...['CPU a unit', ': Go gRPC\'s',
      ': the floor\'s', 'units a second', 'p50', 'p99', 'p99.9', 'memory', 'its core'].map(
      (title) => ({title, right: true})), {title: 'limit'}, {title: 'commit'}],
    rows: lines}));
}

function groupSection(group, title, text, rows) {
  if (rows.length === 0) return null;
  const names = Object.assign({}, ...rows.map((row) => row.names));
  return element(
    'section', {id: group}, element('h2', null, title), element('p', {class: 'muted'}, text),
    chartsOf(comparison({
               title: 'Server processor time', text: 'Median of the rounds; the line goes from ' +
                 'the least to the greatest. Further left is cheaper.',
               rows, x: CPU_AXIS, of: (entry) => entry.cpu_us}),
             ratioChart(rows, 'go', names.go ?? 'Go gRPC'), ratioChart(rows, 'floor', 'the floor'),
             comparison({title: 'Throughput', text: 'In a closed loop; where the table names the ' +
                           'generator as the limit it is a lower bound.',
                         rows, x: RATE_AXIS, of: (entry) => entry.rate})),
    costTable(rows));
}

// --- latency at parts of the capacity

function latencyChart(row) {
  const lines = serversOf([row]).flatMap(({key, label}) => (row.servers[key].open ?? []).map(
    (loop) => ({title: label + ', at ' + Math.round(100 * loop.of_capacity) + ' %',
                short: key + ' ' + Math.round(100 * loop.of_capacity) + ' %', loop, label})))
      .sort((a, b) => a.loop.of_capacity - b.loop.of_capacity);
  if (lines.length === 0) return null;
  const series = [['p50', 'p50_us'], ['p99', 'p99_us'], ['p99.9', 'p99_9_us']].map(
    ([label, key]) => ({label, figures: lines.map(({loop}) => loop[key])}));
  return chartOf({
    title: row.title, text: 'Response latency at parts of each server\'s own capacity.',
    height: dotHeight(lines), configure: dotChart({rows: lines, x: TIME_AXIS, series}),
    table: {caption: row.title, columns: [{title: 'server'}, ...['offered', 'p50', 'p99', 'p99.9',
              'lateness p99', 'generator-bound'].map((title) => ({title, right: true}))],
            rows: lines.map(({title, loop}) => [
              title, spreadOf(loop.rate, (rate) => rateText(rate) + '/s'),
              ...series.map(({figures}, i) => spreadOf(
                [loop.p50_us, loop.p99_us, loop.p99_9_us][i], microsecondsText)),
              spreadOf(loop.lateness_p99_us, microsecondsText),
              countText(loop.generator_bound) + ' rounds'])}});
}

function latencySection(rows) {
  const charts = chartsOf(rows.map(latencyChart));
  return charts === null ? null : element(
    'section', {id: 'latency'}, element('h2', null, 'Latency below the capacity'),
    element('p', {class: 'muted'}, 'Open loops, from the intended start, at 50 and 80 % of what ' +
      'each server did in its closed loop: a faster server is offered more.'), charts);
}

// --- the others

function idleSection(rows) {
  if (rows.length === 0) return null;
  return element('section', {id: 'idle'}, element('h2', null, 'Memory'), chartsOf(
    comparison({title: 'Memory of an idle connection', rows, wide: true,
                text: 'Resident memory of the server, shared out over its connections.',
                x: {title: 'octets, log scale', log: true, text: shortNumber,
                    tell: (bytes) => bytesText(bytes)},
                of: (entry) => entry.bytes_per_connection})), costTableOfIdle(rows));
}

const costTableOfIdle = (rows) => element('div', {class: 'block'}, tableOf({
  caption: 'Octets a connection', columns: [{title: 'server'}, {title: 'connections', right: true},
    {title: 'a connection', right: true}, {title: 'commit'}],
  rows: rows.flatMap((row) => Object.entries(row.servers).map(([key, entry]) => [
    row.names[key] ?? key, countText(row.connections),
    spreadOf(entry.bytes_per_connection, bytesText), row.run.commit]))}));

function overloadSection(rows) {
  if (rows.length === 0) return null;
  const x = {title: 'offered, in multiples of the capacity', text: shortNumber,
             tell: (share) => digits3(share) + '× the capacity'};
  const entryOfRow = (row) => row.servers[PENSTOCK] ?? Object.values(row.servers)[0] ?? {};
  const lines = (key) => [true, false].map((guard) => ({
    label: guard ? 'with the guard' : 'without it', dots: true,
    points: rows.filter((row) => row.guard === guard)
        .map((row) => ({x: row.offered_of_capacity, y: entryOfRow(row)[key]?.median ?? null}))
        .sort((a, b) => a.x - b.x)})).filter(({points}) => points.some(({y}) => isKnown(y)));
  const chart = (title, text, y, key) => lines(key).length === 0 ? null : chartOf({
    title, text, configure: lineChart({x, y, lines: lines(key)})});
  const columns = [['throughput', rateText], ['goodput', rateText], ['p50_us', microsecondsText],
                   ['p99_us', microsecondsText], ['refused', percentText]];
  return element(
    'section', {id: 'overload'}, element('h2', null, 'Past the capacity'), chartsOf(
      chart('Goodput', 'OK within the time that callers wait, per second.',
            {title: 'calls per second', text: shortNumber, tell: rateText}, 'goodput'),
      chart('Latency p99', 'Of calls that ended with OK.', TIME_AXIS, 'p99_us')),
    element('div', {class: 'block'}, tableOf({
      caption: 'Medians', columns: [{title: 'offered'}, {title: 'guard'}, ...columns.map(
        ([key]) => ({title: key.replace('_us', ''), right: true}))],
      rows: rows.map((row) => [shortNumber(row.offered_of_capacity) + '×', row.guard ? 'on' : 'off',
        ...columns.map(([key, text]) => spreadOf(entryOfRow(row)[key], text))])})));
}

function generatorsSection(rows) {
  if (rows.length === 0) return null;
  return element('section', {id: 'generators'}, element('h2', null, 'Generators'),
    element('p', {class: 'muted'}, 'Against the floor, which costs next to nothing.'),
    chartsOf(comparison({title: 'Calls per second', rows, x: RATE_AXIS, wide: true,
                         of: (entry) => entry.rate})),
    element('div', {class: 'block'}, tableOf({
      caption: 'Counted at both ends', columns: [{title: 'load'}, ...['calls a second',
        'its core', 'sent', 'counted by the server'].map((title) => ({title, right: true}))],
      rows: rows.flatMap((row) => Object.values(row.servers).map((entry) => [
        row.title, spreadOf(entry.rate, rateText), percentText(entry.generator_core?.median),
        countText(row.calls?.median), countText(row.calls_counted?.median)]))})));
}

const LATENCIES = ['p50', 'p99', 'p99_9'].flatMap((name) => ['response', 'service'].map(
  (kind) => [kind + ' ' + name.replace('_', '.'), kind + '_' + name + '_us']));

// What response and service latency say where a server does not keep up.
function kneeLatencies(rows) {
  const lines = rows.flatMap((row) => Object.values(row.servers).flatMap(({past, stop}) => [
    past && [digits3(past.of_capacity) + ' times the capacity', past],
    stop && [rateText(stop.rate) + '/s, and a stop of ' + secondsText(stop.seconds), stop]]))
      .filter(Boolean);
  return lines.length === 0 ? null : element('div', {class: 'block'}, tableOf({
    caption: 'Latency where a server does not keep up', columns: [{title: 'load'},
      ...LATENCIES.map(([title]) => ({title, right: true}))],
    rows: lines.map(([title, figures]) => [
      title, ...LATENCIES.map(([, key]) => spreadOf(figures[key], microsecondsText))])}));
}

function kneeSection(rows) {
  if (rows.length === 0) return null;
  return element('section', {id: 'knee'}, element('h2', null, 'The highest rate that is found'),
    element('div', {class: 'block'}, tableOf({
      caption: 'penstock-load --find-max of a known capacity', columns: [{title: 'capacity'},
        {title: 'found', right: true}, {title: 'off by', right: true}],
      rows: rows.flatMap((row) => Object.values(row.servers).map((entry) => [
        rateText(row.capacity) + '/s', spreadOf(entry.knee, (rate) => rateText(rate) + '/s'),
        spreadOf(entry.error, changeText)]))})), kneeLatencies(rows));
}
