// Figures as text, and tables of them, for all pages of results. What comes from a result is always
// set as text, never as HTML: a peer's message may hold anything.
'use strict';

const UNKNOWN = 'n/a';
const isKnown = (value) => typeof value === 'number' && Number.isFinite(value);

// A text function for known numbers, which says so of others.
const orUnknown = (text) => (value) => isKnown(value) ? text(value) : UNKNOWN;

// Three significant digits: 9.12, 182, 1,900.
function digits3(value) {
  if (value === 0) return '0';
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  const fraction = Math.min(6, Math.max(0, 3 - whole));
  return value.toLocaleString('en', {minimumFractionDigits: fraction,
                                     maximumFractionDigits: fraction});
}

// The first of `steps`, [above which, unit], ascending, that `value` does not outgrow.
function inUnit(value, steps) {
  let [scale, unit] = steps[0];
  // What would be written as 1000 is written as 1 of the next.
  for (const step of steps) if (Math.abs(value) >= step[0] * 0.9995) [scale, unit] = step;
  return digits3(value / scale) + ' ' + unit;
}

const durationText = orUnknown((ns) =>
  ns === 0 ? '0' : inUnit(ns, [[1, 'ns'], [1e3, 'µs'], [1e6, 'ms'], [1e9, 's']]));
const microsecondsText = (us) => durationText(isKnown(us) ? us * 1000 : null);
const bytesText = orUnknown((bytes) =>
  inUnit(bytes, [[1, 'B'], [1024, 'KiB'], [1024 ** 2, 'MiB'], [1024 ** 3, 'GiB']]));
const countText = orUnknown((count) => Math.round(count).toLocaleString('en'));
const rateText = orUnknown((rate) => rate < 100 ? digits3(rate) : countText(rate));
const percentText = orUnknown((share) => digits3(100 * share) + ' %');
// "1/44.4", "1.98×", as tools/bench prints it.
const ratioText = orUnknown((ratio) =>
  ratio > 0 && ratio < 1 ? '1/' + digits3(1 / ratio) : digits3(ratio) + '×');
// "+3.1 %", for what changed.
const changeText = orUnknown((share) =>
  (share > 0 ? '+' : share < 0 ? '−' : '±') + Math.abs(100 * share).toFixed(1) + ' %');
const secondsText = orUnknown((seconds) =>
  seconds < 120 ? digits3(seconds) + ' s' : digits3(seconds / 60) + ' min');

// "2026-11-30T22:10:11Z", as it stands in results, for people.
const timeText = (time) => time?.replace(/^(\S+)T(\S+)Z$/, '$1 $2 UTC');

// For an axis, where a tick has little room and is a round number.
const shortNumber = (value) => value.toLocaleString(
  'en', {notation: 'compact', maximumSignificantDigits: 4}).replace('K', 'k');
const tickOfDuration = (ns) => {
  for (const [scale, unit] of [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']]) {
    if (ns >= scale * 0.999) return shortNumber(ns / scale) + ' ' + unit;
  }
  return ns === 0 ? '0' : shortNumber(ns) + ' ns';
};

// element('td', {class: 'right'}, 'text', otherElement, null): null stays out.
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// A cell is a text, an element, or {text, of, class}: `of`, one text or several, stands below.
function cellOf(tag, cell, column, attributes) {
  const {text, of, class: look} = cell !== null && typeof cell === 'object' && !cell.nodeType
      ? cell : {text: cell};
  const classes = [column.right ? 'right' : '', look ?? ''].join(' ').trim();
  return element(tag, {class: classes === '' ? null : classes, ...attributes}, text ?? UNKNOWN,
                 [of ?? []].flat().map((line) => element('span', {class: 'of'}, line)));
}

// columns: [{title, right}], `right` for numbers; the first column heads its rows.
function tableOf({caption, columns, rows, long}) {
  const head = columns.map((column) => cellOf('th', column.title, column, {scope: 'col'}));
  const body = rows.map((row) => element('tr', null, row.map((cell, i) => i === 0
      ? cellOf('th', cell, columns[i], {scope: 'row'}) : cellOf('td', cell, columns[i]))));
  const table = element('table', null, caption ? element('caption', null, caption) : null,
                        element('thead', null, element('tr', null, head)),
                        element('tbody', null, body));
  // What scrolls can be reached by keyboard.
  return element('div', {class: long ? 'scroll long' : 'scroll', tabindex: '0', role: 'region',
                         'aria-label': caption ?? 'table'}, table);
}

// Names and values, without a head.
function listOf(caption, rows) {
  const body = rows.map(([name, value]) => element(
    'tr', null, element('th', {scope: 'row'}, name), cellOf('td', value, {right: true})));
  return element('div', {class: 'block list'}, element('div', {class: 'scroll'}, element(
    'table', null, element('caption', null, caption), element('tbody', null, body))));
}

// [{name, value, of}] as tiles.
function tilesOf(numbers) {
  return element('dl', {class: 'numbers'}, numbers.map(({name, value, of}) => element(
    'div', {class: 'number'}, element('dt', null, name), element('dd', null, value),
    of ? element('dd', {class: 'of'}, of) : null)));
}

const alertOf = (title, ...texts) => element(
  'div', {class: 'alert', role: 'note'}, element('strong', null, title),
  texts.map((text) => element('p', null, text)));

function median(values) {
  const sorted = values.filter(isKnown).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// {median, min, max} of what is known, as tools/bench writes figures; null of nothing.
function figureOf(values) {
  const known = values.filter(isKnown);
  if (known.length === 0) return null;
  return {median: median(known), min: Math.min(...known), max: Math.max(...known)};
}

// The documents that the page was made of: [{name, document}].
const readDocuments = () => JSON.parse(document.getElementById('documents').textContent);
