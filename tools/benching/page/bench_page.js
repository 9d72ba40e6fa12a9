// The head of the page of tools/bench, the history, the micro-benchmarks, and their order.
'use strict';

const chunksOf = (list, size) => Array.from(
  {length: Math.ceil(list.length / size)}, (_, i) => list.slice(i * size, (i + 1) * size));

const counted = (count, noun) => countText(count) + ' ' + noun + (count === 1 ? '' : 's');

// The row that stands for the others, in figures on top.
const headRowOf = (rows) => rows.find(({cell}) => cell === '10x100') ??
    rows.find(({group}) => group === 'shapes');

function headOf(runs, micros, rows, problems) {
  const newest = headRowOf(rows)?.run ?? runs.at(-1)?.run ?? micros.at(-1)?.run ?? {};
  document.title = 'penstock, measured';
  const facts = [newest.commit && 'commit ' + newest.commit, timeText(newest.started_at),
                 newest.machine, newest.cores && counted(newest.cores, 'core'),
                 newest.kernel && 'Linux ' + newest.kernel, newest.compiler,
                 newest.rounds && counted(newest.rounds, 'round')];
  const notes = [...(newest.notes ?? []), ...problems];
  return element(
    'header', null, element('h1', null, 'penstock, measured'),
    element('p', {class: 'muted'}, facts.filter(Boolean).join(' · ')),
    newest.profile ? element('p', {class: 'muted small'}, newest.profile) : null,
    newest.quick ? alertOf('A trial: not for the record',
      'One short round of each (--quick); there is no longer run yet.') : null,
    newest.interrupted ? alertOf('Interrupted', 'The newest run ended early.') : null,
    newest.dirty ? alertOf('Not of a commit alone',
      'The work tree of the newest run had changes that no commit has.') : null,
    notes.length === 0 ? null
      : element('ul', {class: 'notes small'}, notes.map((note) => element('li', null, note))));
}

function headTiles(rows) {
  const row = headRowOf(rows);
  const entry = row?.servers[PENSTOCK];
  if (!entry) return null;
  const tile = (name, value, of) => ({name: name + ', ' + row.cell, value, of});
  return tilesOf([
    tile('CPU per RPC', microsecondsText(entry.cpu_us?.median), 'of penstock'),
    tile('of Go gRPC\'s', ratioText(entry.ratio?.go), 'processor time'),
    tile('of the floor\'s', ratioText(entry.ratio?.floor), 'processor time'),
    tile('RPC per second', rateText(entry.rate?.median), 'closed loop, one core'),
    tile('p99', microsecondsText(entry.latency_us?.p99?.median), 'closed loop')]);
}

// --- history

// Lines over runs, a chart for each LINES_MAX of them.
function historyCharts({runs, lines, title, text, y}) {
  const nameOf = (x) => runs[Math.round(x)]?.run.commit ?? '';
  const x = {title: 'commit', min: -0.2, max: runs.length - 0.8, ticks: runs.map((_, at) => at),
             text: nameOf,
             tell: (at) => nameOf(at) + ', ' + timeText(runs[Math.round(at)]?.run.started_at)};
  return chunksOf(lines, LINES_MAX).map((some, i, all) => chartOf({
    title: title + (all.length > 1 ? ', ' + (i + 1) + ' of ' + all.length : ''), text,
    configure: lineChart({x, y, lines: some.map((line) => ({
      label: line.label, points: line.points, dots: true,
      band: line.points.length > 1 && isKnown(line.points[0].min) ? line.points : null}))}),
    table: {caption: title, columns: [{title: 'commit'}, ...some.map(({label}) => (
              {title: label, right: true}))],
            rows: runs.map(({run}, at) => [
              {text: run.commit, of: timeText(run.started_at)}, ...some.map(({points}) =>
                spreadOf(asFigure(points.find((point) => point.x === at)), y.tell))])}}));
}

const asFigure = (point) => point ? {median: point.y, min: point.min, max: point.max} : null;

function historySection(allRuns) {
  const isDrawn = ({servers: {[PENSTOCK]: entry}}) => entry?.cpu_us ?? entry?.bytes_per_connection;
  const runs = allRuns.filter(({rows}) => rows.some(isDrawn));
  if (runs.length === 0) return null;
  const charts = [];
  for (const [figure, text, y, of] of [
    ['processor time', 'The server\'s, of penstock.', CPU_AXIS, (entry) => entry.cpu_us],
    ['multiple of Go gRPC\'s', 'Both of one run: less a matter of the machine.', TIMES_AXIS,
     (entry) => exactly(entry.ratio?.go)],
    ['multiple of the floor\'s', 'Both of one run: less a matter of the machine.', TIMES_AXIS,
     (entry) => exactly(entry.ratio?.floor)]]) {
    const lines = historyOf(runs, PENSTOCK, of).map((line) => ({...line, label: line.cell}));
    for (const [group, title] of GROUPS) {
      const some = lines.filter((line) => line.group === group);
      if (some.length > 0) {
        charts.push(historyCharts({runs, lines: some, title: title + ': ' + figure, text, y}));
      }
    }
  }
  const idle = historyOf(runs, PENSTOCK, (entry) => entry.bytes_per_connection);
  if (idle.length > 0) {
    charts.push(historyCharts({
      runs, title: 'Memory of an idle connection', text: 'Of penstock.',
      lines: idle.map((line) => ({...line, label: line.cell})),
      y: {title: 'octets', text: shortNumber, tell: bytesText}}));
  }
  return charts.length === 0 ? null : element(
    'section', {id: 'history'}, element('h2', null, 'History'),
    element('p', {class: 'muted'}, counted(runs.length, 'run') +
      ' so far, the newest on the right. Runs on other machines are other numbers.'),
    chartsOf(charts.flat()));
}

// --- micro-benchmarks

function microSection(runs) {
  if (runs.length === 0) return null;
  const figures = runs.map(({benchmarks}) => microFigures(benchmarks));
  const newest = figures.at(-1);
  const binaries = [...new Set([...newest.values()].map(({binary}) => binary))];
  const axis = {title: 'time, log scale', log: true,
                text: tickOfDuration, tell: durationText};
  const charts = binaries.flatMap((binary) => {
    const keys = [...newest.keys()].filter((key) => newest.get(key).binary === binary &&
                                           newest.get(key).figure);
    if (keys.length === 0) return [];
    const rows = keys.map((key) => ({title: newest.get(key).name}));
    const before = runs.length > 1 ? [{label: 'before: ' + runs.at(-2).run.commit, colour: 5,
        figures: keys.map((key) => figures.at(-2).get(key)?.figure ?? null)}] : [];
    const now = {label: runs.at(-1).run.commit, colour: 0,
                 figures: keys.map((key) => newest.get(key).figure)};
    const title = binary || 'Micro-benchmarks';
    const lines = keys.map((key) => ({
      label: newest.get(key).name, points: figures.flatMap((run, x) => {
        const figure = run.get(key)?.figure;
        return figure ? [{x, y: figure.median, min: figure.min, max: figure.max}] : [];
      })}));
    return [
      chartOf({title, text: 'The newest run' + (runs.length > 1 ? ' and the one before.' : '.'),
               height: dotHeight(rows), configure: dotChart({rows, x: axis,
                                                             series: [...before, now]}),
               table: {caption: title, columns: [{title: 'benchmark'}, ...[...before, now].map(
                         ({label}) => ({title: label, right: true}))],
                       rows: rows.map((row, i) => [row.title, ...[...before, now].map((dots) =>
                         spreadOf(dots.figures[i], durationText))])}}),
      ...(runs.length > 1 ? historyCharts({
        runs, lines, title: title + ', history', text: 'Processor time an iteration.',
        y: axis}) : [])];
  });
  return element('section', {id: 'micro'}, element('h2', null, 'Micro-benchmarks'),
                 element('p', {class: 'muted'}, 'Google Benchmark, processor time; of ' +
                   'repetitions the median and the standard deviation.'), chartsOf(charts));
}

function main() {
  const documents = readDocuments();
  const problems = documents.filter(({problem}) => problem).map(
    ({name, problem}) => name + ' ' + problem);
  const known = documents.filter(({problem}) => !problem);
  const runs = benchRuns(known);
  const micros = microRuns(known);
  const rows = newestRows(runs);
  const unary = rows.filter(({kind}) => kind === 'unary');
  const ofGroup = (group) => rows.filter((row) => row.group === group);
  const sections = [
    ...GROUPS.map(([group, title, text]) => groupSection(group, title, text, ofGroup(group))),
    latencySection(unary), idleSection(rows.filter(({kind}) => kind === 'idle')),
    overloadSection(rows.filter(({kind}) => kind === 'overload')),
    generatorsSection(ofGroup('generators')), kneeSection(rows.filter(({kind}) => kind === 'knee')),
    historySection(runs), microSection(micros)].filter(Boolean);
  const links = sections.map((section) => element(
    'a', {href: '#' + section.id}, section.querySelector('h2').textContent));
  showPage(headOf(runs, micros, rows, problems), headTiles(rows),
           element('nav', {'aria-label': 'sections'}, links), sections);
}

showResults(main);
