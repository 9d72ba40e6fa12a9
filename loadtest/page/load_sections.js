// Headings, figures and tables of penstock-load's page; load_report.js has the charts.
'use strict';

const spreadText = (figure, text) => figure && figure.min !== figure.max
    ? text(figure.min) + ' .. ' + text(figure.max) : null;

function titleOf(entries, searches) {
  const reports = [...entries.map((entry) => entry.report),
                   ...searches.flatMap(({document}) => document.trials[0]?.report ?? [])];
  const methods = [...new Set(reports.map((report) => report.load?.method).filter(Boolean))];
  const what = methods.length === 1 ? methods[0] : 'Load tests';
  const count = entries.length + searches.length;
  const [first] = reports;
  const facts = count === 1
    ? [searches.length ? 'the highest rate that keeps ' + searches[0].document.slo
                       : loadText(first?.load), first?.load?.target,
       timeText(first?.environment?.started_at)]
    : [count + ' load tests beside each other'];
  document.title = what + ' - penstock-load';
  return element('header', null, element('h1', null, what),
                 element('p', {class: 'muted'}, facts.filter(Boolean).join(' · ')));
}

// By which of the rules of result.h.
function whyBound({cpu, waited, lateness}) {
  if (cpu > 0.9) return 'Its busiest core was used for ' + percentText(cpu) + ' of the time.';
  if (waited > 0.1) {
    return 'Other programs had its core for ' + percentText(waited) + ' of the time.';
  }
  return 'It sent late, p99 ' + durationText(lateness?.p99_ns) +
      ', which is over a tenth of the median response.';
}

// What a reader must know before the figures.
function warningsOf(report) {
  const alerts = [];
  if (report.generator?.bound) {
    alerts.push(alertOf('Generator-bound: these figures are a lower bound',
                        'The generator was the limit, not the server alone: a faster one might ' +
                        'have seen more. ' + whyBound(report.generator)));
  }
  if (report.interrupted) {
    alerts.push(alertOf('Interrupted', 'The figures are of what was measured until then.'));
  }
  const notes = [...(report.notes ?? [])];
  if (report.load?.mode === 'closed') {
    notes.push('A closed loop hides queueing: a slot sends its next call only when the last one ' +
               'has ended.');
  }
  return [...alerts, notes.length === 0 ? null
      : element('ul', {class: 'notes'}, notes.map((note) => element('li', null, note)))];
}

function numbersOf(entry) {
  const {report: {totals = {}, server, generator = {}}, isOpen, repeats, rate} = entry;
  const spread = (figure, text) => repeats.length > 1 ? spreadText(figure, text) : null;
  const failed = (totals.errors ?? 0) + (totals.dropped ?? 0);
  const all = totals.offered ?? (totals.ok ?? 0) + (totals.errors ?? 0);
  return tilesOf([
    {name: 'OK per second', value: rateText(rate?.median), of: spread(rate, rateText) ??
      (isOpen ? 'offered ' + rateText(all / totals.duration_s) : null)},
    ...PERCENTILES.filter(([name]) => ['p50', 'p99', 'p99.9'].includes(name)).map(
      ([name, key]) => ({name: entry.kind + ' ' + name, value: durationText(entry.latency?.[key]),
                         of: spread(percentileOf(entry, key), durationText)})),
    {name: isOpen ? 'failed or dropped' : 'failed', value: percentText(all > 0 ? failed / all : 0),
     of: countText(failed) + ' of ' + countText(all)},
    ...(server ? [{name: 'server CPU / RPC', value: microsecondsText(server.cpu_us_per_rpc),
                   of: spread(figureOf(repeats.map((r) => r.server?.cpu_us_per_rpc)),
                              microsecondsText)}] : []),
    {name: 'generator', value: percentText(generator.cpu),
     of: generator.bound ? 'of its busiest core: generator-bound' : 'of its busiest core'},
  ]);
}

function latencyTable({latency, generator}) {
  const columns = [['response', latency?.response, 'from the intended start'],
                   ['service', latency?.service, 'from the actual send'],
                   ['lateness', generator?.lateness, 'sent after it could be']]
      .filter(([, of]) => of);
  const rows = [['samples', 'count', countText], ['min', 'min_ns'], ['mean', 'mean_ns'],
                ...PERCENTILES, ['max', 'max_ns']];
  return element('div', {class: 'block'}, tableOf({
    caption: 'Latency', columns: [{title: ''}, ...columns.map(([name, , from]) => (
      {title: {text: name, of: from}, right: true}))],
    rows: rows.map(([name, key, text]) => [name, ...columns.map(([, of]) =>
      (typeof text === 'function' ? text : durationText)(of[key]))])}));
}

function errorsTable({errors}) {
  if (!errors?.length) return null;
  return element('div', {class: 'block'}, tableOf({
    caption: 'Errors', columns: [{title: 'status'}, {title: 'calls', right: true},
                                 {title: 'first message'}],
    rows: errors.map(({status, count, first_message: message}) =>
      [status, countText(count), message || '(no message)'])}));
}

function factLists({totals, load, generator, server, environment}) {
  const known = (rows) => rows.filter(([, value]) => value !== null && value !== undefined);
  const ifKnown = (value, text) => isKnown(value) ? text(value) : null;
  const seconds = (ns) => secondsText(ns / 1e9);
  const lists = [
    ['Calls', totals && known([
      ['OK', countText(totals.ok)], ['errors', countText(totals.errors)],
      ['offered', ifKnown(totals.offered, countText)],
      ['dropped', ifKnown(totals.dropped, countText)],
      ['waited for a slot', ifKnown(totals.waited_for_slot, countText)],
      ['unfinished at the end', ifKnown(totals.unfinished, countText)],
      ['sent again', ifKnown(totals.repeated, countText)],
      ['OK in time, per second', ifKnown(totals.goodput_rps, rateText)],
      ['measured for', ifKnown(totals.duration_s, secondsText)]])],
    ['Load', load && known([
      ['target', load.target], ['method', load.method],
      ['loop', load.stages === undefined ? null : loadText(load)],
      ['message', ifKnown(load.message_bytes, (bytes) => countText(bytes) + ' octets')],
      ['deadline', ifKnown(load.deadline_ns, durationText)],
      ['warm-up, not counted', ifKnown(load.warmup_ns, seconds)],
      ['shards', ifKnown(load.shards, countText)],
      ['in flight at most', ifKnown(load.max_in_flight, countText)],
      ['seed', ifKnown(load.seed, String)]])],
    ['Generator', generator && known([
      ['busiest core', percentText(generator.cpu)],
      ['cores in all', ifKnown(generator.cpu_total, digits3)],
      ['others had its core', percentText(generator.waited)],
      ['lateness p99', ifKnown(generator.lateness?.p99_ns, durationText)],
      ['verdict', generator.bound ? {text: 'generator-bound', class: 'bad'} : 'ok']])],
    ['Server', server && known([
      ['CPU per RPC', microsecondsText(server.cpu_us_per_rpc)],
      ['of it user', microsecondsText(server.user_us_per_rpc)],
      ['of it system', microsecondsText(server.system_us_per_rpc)],
      ['cores', ifKnown(server.cpu_cores, digits3)],
      ['resident memory', bytesText(server.rss_bytes)]])],
    ['Environment', environment && known([
      ['processor', environment.cpu_model], ['cores', ifKnown(environment.cpus, countText)],
      ['governor', environment.governor || null], ['kernel', environment.kernel],
      ['input and output', environment.io_mode],
      ['why not io_uring', environment.io_reason || null],
      ['penstock-load', environment.version], ['started', timeText(environment.started_at)]])],
  ];
  return element('div', {class: 'blocks'}, lists.filter(([, rows]) => rows?.length)
      .map(([caption, rows]) => listOf(caption, rows)));
}

function runSection(entry, isOneOfMany, isCompared) {
  const {report} = entry;
  return element(
    'section', null,
    isOneOfMany ? element('h2', null, entry.name) : null,
    isOneOfMany ? element('p', {class: 'muted'}, loadText(report.load)) : null,
    warningsOf(report), numbersOf(entry),
    isCompared ? failureCharts(entry) : runCharts([entry]),
    element(isOneOfMany ? 'h3' : 'h2', null, 'Figures'), latencyTable(report),
    errorsTable(report), factLists(report),
    report.command_line?.length ? [
      element(isOneOfMany ? 'h3' : 'h2', null, 'Command'),
      element('pre', null, commandText(report.command_line))] : null);
}

// --- several beside each other

// Whether the runs of the two, each from its least to its greatest, overlap.
const overlaps = (a, b) => a.min <= b.max && b.min <= a.max;

function comparedCell(figure, first, text, lowerIsBetter) {
  if (!figure) return UNKNOWN;
  if (!first || figure === first || first.median === 0) {
    return {text: text(figure.median), of: spreadText(figure, text)};
  }
  const change = figure.median / first.median - 1;
  const isNoise = figure.min !== figure.max && first.min !== first.max && overlaps(figure, first);
  const isBetter = lowerIsBetter ? change < 0 : change > 0;
  return {text: text(figure.median),
          class: isNoise || change === 0 ? '' : isBetter ? 'good' : 'bad',
          of: [changeText(change) + (isNoise ? ', noise' : ''),
               spreadText(figure, text)].filter(Boolean)};
}

function compareSection(entries) {
  const metrics = [
    ['OK calls per second', rateText, (entry) => entry.rate, false],
    ...PERCENTILES.map(([name, key]) => [
      name, durationText, (entry) => percentileOf(entry, key), true]),
    ['server CPU per RPC', microsecondsText, (entry) => figureOf(
      entry.repeats.map((repeat) => repeat.server?.cpu_us_per_rpc)), true],
    ['errors', countText, (entry) => figureOf(
      entry.repeats.map((repeat) => repeat.totals?.errors)), true],
  ];
  const rows = metrics.map(([name, text, of, lowerIsBetter]) => {
    const figures = entries.map(of);
    return figures.some(Boolean) ? [name, ...figures.map((figure) =>
      comparedCell(figure, figures[0], text, lowerIsBetter))] : null;
  }).filter(Boolean);
  const bound = entries.filter((entry) => entry.report.generator?.bound);
  return element(
    'section', null, element('h2', null, 'Comparison'),
    element('p', {class: 'muted'}, 'Changes are those from ' + entries[0].name + '. Below a ' +
      'median stands the least and the greatest of its repeated runs, where there are any; where ' +
      'those of both overlap the change is noise.'),
    bound.length === 0 ? null : alertOf('Generator-bound: lower bounds',
      bound.map((entry) => entry.name).join(', ') +
      ': the generator was the limit, not the server alone.'),
    element('div', {class: 'block'}, tableOf({
      caption: 'Medians', columns: [{title: ''}, ...entries.map((entry) => (
        {title: entry.name, right: true}))], rows})),
    runCharts(entries));
}

// --- the highest rate

function searchSection({name, document: search}, isOneOfMany) {
  const trials = [...search.trials].sort((a, b) => a.rate - b.rate);
  const entries = trials.map((trial) => ({...trial, ...entryOf(name, trial.report)}));
  const knee = search.knee_per_second;
  const at = isKnown(knee) ? [{x: knee, text: 'knee ' + rateText(knee) + '/s'}] : [];
  const x = {title: 'offered, calls per second', text: shortNumber,
             tell: (rate) => 'offered ' + rateText(rate) + '/s', fromZero: true};
  const pointsBy = (of) => entries.map((entry, i) => ({x: trials[i].rate, y: of(entry)}));
  const latencies = [['p50', 'p50_ns'], ['p99', 'p99_ns'], ['p99.9', 'p99_9_ns']].map(
    ([label, key]) => ({label, dots: true, points: pointsBy((entry) => entry.latency?.[key] ?? null)
                            .filter((point) => isKnown(point.y))}))
      .filter((line) => line.points.length > 0);
  const achieved = [{label: 'OK', dots: true,
                     points: pointsBy((entry) => entry.report.totals?.rps ?? null)},
                    {label: 'offered', colour: 5, points: trials.map(({rate}) => (
                      {x: rate, y: rate}))}];
  // As in the table of --find-max: what a rate that was good needed of the generator is no matter.
  const bound = trials.filter((trial) => trial.missed && trial.report.generator?.bound).length;
  return element(
    'section', null, isOneOfMany ? element('h2', null, name) : null,
    bound === 0 ? null : alertOf('Generator-bound: the highest rate is a lower bound',
      'A rate above it was too much for the generator, too.'),
    search.interrupted ? alertOf('Interrupted', 'The rate is that of the trials until then.')
                       : null,
    search.stopped_by ? alertOf('Ended early', search.stopped_by) : null,
    tilesOf([{name: 'highest good rate', value: isKnown(knee) ? rateText(knee) + '/s' : 'none',
              of: search.slo}, {name: 'trials', value: countText(trials.length)}]),
    trials.length === 0 ? null : element('div', {class: 'charts'},
      latencies.length === 0 ? null : chartOf({
        title: 'Latency against rate', text: 'The response latency of each trial.',
        configure: lineChart({x, y: LATENCY_AXIS, lines: latencies, at})}),
      chartOf({title: 'Achieved against offered', text: 'Calls that ended with OK, per second.',
               configure: lineChart({x, y: RATE_AXIS, lines: achieved, at})})),
    element('div', {class: 'block'}, tableOf({
      caption: 'Trials', columns: [{title: 'offered'}, ...['OK/s', 'p50', 'p99', 'p99.9', 'errors',
        'dropped'].map((title) => ({title, right: true})), {title: 'verdict'}],
      rows: entries.map((entry, i) => [
        rateText(trials[i].rate) + '/s', rateText(entry.report.totals?.rps),
        ...['p50_ns', 'p99_ns', 'p99_9_ns'].map((key) => durationText(entry.latency?.[key])),
        countText(entry.report.totals?.errors), countText(entry.report.totals?.dropped),
        trials[i].missed ? {text: trials[i].missed, class: 'bad'}
                         : {text: 'good', class: 'good'}])})),
    entries.length === 0 ? null : [
      factLists({load: {...entries[0].report.load, seed: null, stages: undefined},
                 environment: entries[0].report.environment}),
      element('h3', null, 'Command'),
      element('pre', null, commandText(entries[0].report.command_line))]);
}
