// The cards of the page: waiting, showing, empty or failed, and always readable without seeing a chart.
import { key } from './api.js';

/** Makes an element. Texts are texts: nothing that came from outside is ever read as HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute.startsWith('on')) made.addEventListener(attribute.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(attribute, value === true ? '' : value);
  }
  made.append(...children.filter(child => child !== undefined && child !== null));
  return made;
}

/**
 * A table. Columns whose name ends with # hold numbers.
 * @param {string} caption What it is of.
 * @param {string[]} columns
 * @param {(string | Node)[][]} rows
 */
export function table(caption, columns, rows) {
  const cell = (tag, i, content, more = {}) => element(tag, { class: columns[i].endsWith('#') ? 'number' : undefined, ...more }, content);
  return element('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {},
      element('thead', {}, element('tr', {}, ...columns.map((name, i) => cell('th', i, name.replace('#', ''), { scope: 'col' })))),
      element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map((content, i) => (i === 0 ? cell('th', i, content, { scope: 'row' }) : cell('td', i, content))))))));
}

// The library is large, and keeps the browser busy: it is loaded when the headline is there, and each chart is drawn when it comes near the screen.
let libraryLoaded, libraryFailed;
const library = new Promise((loaded, failed) => ([libraryLoaded, libraryFailed] = [loaded, failed]));

/** Lets the cards with charts go on, once there is something to read. */
export function loadCharts() {
  if (document.querySelector('script[src="echarts.js"]')) return;
  document.head.append(element('script', { src: 'echarts.js', onload: libraryLoaded, onerror: () => libraryFailed(new Error('The chart library did not load.')) }));
}

const charts = new Map();
const options = new WeakMap();
const nearScreen = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(({ target }) => draw(target)), { rootMargin: '200px' });
new ResizeObserver(() => charts.forEach(chart => chart.resize())).observe(document.documentElement);

function draw(plot) {
  nearScreen.unobserve(plot);
  const chart = echarts.init(plot, null, { renderer: 'canvas' });
  chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif', color: color('text') }, ...options.get(plot) });
  charts.set(plot, chart);
}

/** A colour of the page, as it is in the mode that the reader prefers. */
export const color = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const cardOf = name => document.querySelector(`[data-card="${name}"]`);

function fill(card, ...content) {
  for (const plot of card.querySelectorAll('.chart')) {
    nearScreen.unobserve(plot);
    charts.get(plot)?.dispose();
    charts.delete(plot);
  }
  card.replaceChildren(card.querySelector('h3'), ...content.filter(Boolean));
  card.hidden = false;
}

/**
 * Shows what a card is about, once it is known: until then that it is waited for, and if it does not come, why.
 * @param {string} name Of the card.
 * @param {() => Promise<{ option?: object, summary?: string, table?: () => Node, content?: Node[], note?: string } | null>} load Null when there is nothing to show.
 * @param {string} [nothing] What to say then.
 */
export async function show(name, load, nothing = 'Nothing in this period. Choose a longer one, or send messages: the README says how.') {
  const card = cardOf(name);
  const turn = (card.turn = (card.turn ?? 0) + 1);
  card.setAttribute('aria-busy', 'true');
  if (!card.querySelector('.chart')) fill(card, element('div', { class: 'waiting', role: 'status', 'aria-label': 'Loading' }));
  try {
    const shown = await load();
    if (card.turn !== turn) return;
    if (!shown) return fill(card, element('p', { class: 'empty' }, nothing));
    const note = shown.note && element('p', { class: 'note' }, shown.note);
    if (!shown.option) return fill(card, note, ...shown.content);
    await library;
    if (card.turn !== turn) return;
    const plot = element('div', { class: 'chart', role: 'img', 'aria-label': shown.summary });
    fill(card, note, plot, tableOf(shown.table));
    options.set(plot, shown.option);
    nearScreen.observe(plot);
  } catch (refused) {
    if (card.turn !== turn) return;
    fill(card, failure(refused, () => show(name, load, nothing)));
  } finally {
    if (card.turn === turn) card.removeAttribute('aria-busy');
  }
}

// Made when it is opened: most readers look at the chart.
function tableOf(make) {
  const details = element('details', {}, element('summary', {}, 'As a table'));
  details.addEventListener('toggle', () => details.append(make()), { once: true });
  return details;
}

export const hide = (...names) => names.forEach(name => (cardOf(name).hidden = true));

function failure(refused, again) {
  const needsKey = refused.status === 401 || refused.status === 403;
  return element('div', { class: 'failed', role: 'alert' },
    element('p', {}, element('strong', {}, needsKey ? 'Not allowed. ' : 'This did not work. '), refused.message),
    element('button', { type: 'button', onclick: () => (needsKey ? askForKey() : again()) }, needsKey ? 'Use an API key' : 'Try again'));
}

const dialog = document.getElementById('key-dialog');

/** Lets the reader give a key; whoever listens for 'key' on the document hears of it. */
export function askForKey() {
  dialog.querySelector('input').value = key.get();
  dialog.returnValue = '';
  dialog.showModal();
}

dialog.addEventListener('close', () => {
  if (dialog.returnValue !== 'use') return;
  key.set(dialog.querySelector('input').value.trim());
  document.dispatchEvent(new Event('key'));
});
