// The page: reads its filters from the address, asks for what the cards show, and asks again when a filter changes.
import { ask } from './api.js';
import { cohorts, journeys, overTime, segments, trouble } from './charts.js';
import { find } from './customer.js';
import { figure, money } from './format.js';
import { askForKey, element, loadCharts, show, table } from './view.js';

const worth = {
  'worth-to-company': ['net-sales', 'orders', 'average-order-value', 'repeat-rate', 'predictive-value', 'customer-equity'],
  'worth-to-customers': ['kept-order-share', 'first-reply-time', 'resolution-time', 'csat', 'failure-demand-share', 'customer-effort'],
};
const filters = document.getElementById('filters');
const search = document.getElementById('find-customer');
const memory = new Map();

// Cards that need the same answer share it.
function once(path, query) {
  const name = JSON.stringify([path, query]);
  if (!memory.has(name)) memory.set(name, ask(path, query).catch(refused => { memory.delete(name); throw refused; }));
  return memory.get(name);
}

const chosen = () => Object.fromEntries(new FormData(filters));
const period = () => (({ from, to }) => ({ from, to }))(chosen());
const ofChannel = rows => (chosen().channel ? rows.filter(row => row.channel === chosen().channel) : rows);
const metric = async (name, query) => (await once(`metrics/${name}`, query)).value;

async function tiles(names) {
  const { channel, currency, to } = chosen();
  const catalogue = new Map((await once('metrics')).value.map(m => [m.name, m]));
  const shown = await Promise.all(names.map(async name => {
    const known = catalogue.get(name);
    const isStock = known.kind === 'stock';
    const rows = await metric(name, isStock ? { asOf: to } : { ...period(), by: channel && 'channel', asOf: known.kind === 'history' ? to : '' });
    const row = rows.find(r => (isStock || !channel || r.channel === channel) && (known.unit !== 'money' || r.currency === currency));
    const about = isStock ? `as of ${to || 'now'}` : channel || 'all channels';
    return element('div', { title: known.definition }, element('dt', {}, known.title), element('dd', {}, figure(row?.value, known.unit, row?.currency), element('small', {}, about)));
  }));
  return { content: [element('dl', { class: 'tiles' }, ...shown)] };
}

// Orders that were cancelled, came back or made somebody ask for help; the rows with most at risk first.
async function promises() {
  const { currency, to } = chosen();
  const [atRisk, broken] = await Promise.all(['customer-value-at-risk', 'promises-broken'].map(name => metric(name, { asOf: to })));
  if (broken.length === 0) return null;
  const headline = atRisk.find(row => row.currency === currency);
  const risk = row => Number(row[`valueAtRisk${currency}`] ?? 0);
  const every = text => (text === '(all)' ? 'all' : text);
  const shown = broken.filter(row => row.cause !== '(all)' && row.category !== '(none)' && row.place !== '(none)').sort((a, b) => risk(b) - risk(a) || b.value - a.value).slice(0, 12);
  return { content: [
    element('p', {}, headline?.value
      ? `${money(headline.value, currency)} of predicted value, ${figure(headline.shareOfEquity, 'ratio')} of that of all customers, is of ${figure(headline.customers)} customers to whom a promise was broken. ${figure(headline.silentCustomers)} of them told the company nothing.`
      : headline?.reason ?? `No customer who buys in ${currency} had a broken promise.`),
    table('Promises broken', ['Cause', 'Goods', 'Place', 'Customers#', '90 days before#', 'Silent#', `At risk (${currency})#`, 'Came back#', 'Of comparable#'], shown.map(row => [
      row.cause, every(row.category), every(row.place), figure(row.value), figure(row.customersBefore), figure(row.silentCustomers), money(risk(row), currency),
      row.repeatRate === undefined ? '–' : `${figure(row.repeatRate, 'ratio')} (${figure(row.low, 'ratio')} to ${figure(row.high, 'ratio')})`, figure(row.comparableRepeatRate, 'ratio'),
    ])),
    element('p', { class: 'note' }, 'Came back: of customers by their first such order of a year, the share that bought again 30 to 120 days after it, with a 95 % interval; next to customers whose order was kept. An association, not a cause.'),
  ] };
}

async function stages() {
  const { messages, stages: all } = await ask('status');
  const { received, ...became } = messages;
  return { content: [
    element('p', {}, `${figure(received)} received = ${Object.entries(became).filter(([, count]) => count > 0).map(([what, count]) => `${figure(count)} ${what}`).join(' + ') || '0'}`),
    table('Stages', ['Stage', 'Waiting#', 'For#'], all.map(stage => [stage.name, stage.backlog === undefined ? '–' : figure(stage.backlog), stage.lagSeconds === undefined ? '–' : figure(stage.lagSeconds, 'seconds')])),
  ] };
}

async function quarantine() {
  const groups = (await ask('quarantine')).value;
  return groups.length === 0 ? null : { content: [table('Reasons', ['Reason', 'Source', 'Messages#', 'What to do'], groups.map(g => [g.reason, g.source ?? '–', figure(g.count), g.advice]))] };
}

// The headline comes first: what the browser and the host have to do for the rest would only keep it waiting.
function showAll() {
  const { currency, to } = chosen();
  const ofCurrency = rows => rows.filter(row => row.currency === currency);
  const headline = Promise.all(Object.entries(worth).map(([card, names]) => show(card, () => tiles(names))));
  const after = load => async () => (await headline, load());
  void headline.then(loadCharts);
  void show('promises', after(promises), 'No promises were broken to five customers or more.');
  void show('sales', after(async () => overTime(ofChannel(ofCurrency(await metric('net-sales', { ...period(), by: 'channel,day' }))), 'Net sales', 'money', currency)));
  void show('service', after(async () => overTime(ofChannel(await metric('tickets', { ...period(), by: 'channel,day' })), 'Tickets', 'count')));
  void show('cohorts', after(async () => cohorts(await metric('cohort-retention', { asOf: to }))));
  void show('segments', after(async () => segments(...(await Promise.all(['customers-by-segment', 'net-sales-by-segment'].map(name => metric(name, { asOf: to })))), currency)));
  void show('journeys', after(async () => journeys(await metric('journeys', { asOf: to }))));
  void show('trouble', after(async () => trouble(await metric('trouble-of-the-valuable', { asOf: to }), currency)));
  void show('stages', after(stages));
  void show('checks', after(() => tiles(['total-differences'])));
  void show('quarantine', after(quarantine), 'Nothing waits in quarantine.');
}

// What can be chosen is what there is: the days, channels and currencies of all sales and tickets; the last year of them to begin with.
async function offer() {
  const [sales, tickets] = await Promise.all([metric('net-sales', { by: 'channel,day' }), metric('tickets', { by: 'channel,day' }), once('metrics')]);
  const asked = new URLSearchParams(location.search);
  const days = [...sales, ...tickets].map(row => row.day).sort();
  const last = days.at(-1) ?? '';
  const yearBefore = last && new Date(Date.parse(last) - 364 * 86_400_000).toISOString().slice(0, 10);
  const amounts = new Map();
  for (const row of sales) amounts.set(row.currency, (amounts.get(row.currency) ?? 0) + Math.abs(Number(row.value)));
  const currencies = [...amounts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const options = names => names.map(name => element('option', { value: name }, name));
  filters.channel.replaceChildren(filters.channel.options[0], ...options([...new Set([...sales, ...tickets].map(row => row.channel))].sort()));
  filters.currency.replaceChildren(...options(currencies));
  filters.from.value = asked.get('from') ?? (yearBefore > days[0] ? yearBefore : days[0] ?? '');
  filters.to.value = asked.get('to') ?? last;
  filters.channel.value = asked.get('channel') ?? '';
  filters.currency.value = asked.get('currency') ?? currencies[0] ?? '';
}

async function start() {
  try {
    await offer();
  } catch {
    // Each card says for itself why it has nothing to show.
  }
  showAll();
}

filters.addEventListener('change', () => {
  if (filters.from.value && filters.to.value && filters.from.value > filters.to.value) return filters.to.setCustomValidity('The period ends before it begins.'), filters.to.reportValidity();
  filters.to.setCustomValidity('');
  history.replaceState(null, '', `?${new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value))}${location.hash}`);
  showAll();
});
filters.addEventListener('submit', event => event.preventDefault());
search.addEventListener('submit', event => {
  event.preventDefault();
  void find(search.type.value, search.value.value.trim());
});
document.getElementById('use-key').addEventListener('click', askForKey);
document.addEventListener('key', () => { memory.clear(); void start(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showAll);
void start();
