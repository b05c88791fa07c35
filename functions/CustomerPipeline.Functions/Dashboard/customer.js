// One customer: who it is, what happened, and why all of that is one person's.
import { Refusal, ask } from './api.js';
import { instant, money } from './format.js';
import { element, hide, show, table } from './view.js';

const cards = ['person', 'why', 'timeline'];

function describe(entry) {
  const parts = [entry.kind, entry.channel, entry.place && `at ${entry.place}`];
  if (entry.netSales !== undefined) parts.push(money(entry.netSales, entry.currency));
  if (Number(entry.refunds)) parts.push(`of which ${money(entry.refunds, entry.currency)} came back`);
  if (entry.status) parts.push(entry.status);
  if (entry.satisfaction) parts.push(`rated ${entry.satisfaction}`);
  if (entry.browsed) parts.push(Object.entries(entry.browsed).map(([what, count]) => `${count} × ${what}`).join(', '));
  return parts.filter(Boolean).join(' · ');
}

async function person(found) {
  const amounts = list => list.map(({ currency, value }) => money(value, currency)).join(', ') || '–';
  const tile = (name, value) => element('div', {}, element('dt', {}, name), element('dd', {}, value));
  return { content: [
    element('p', {}, element('code', {}, found.id)),
    element('dl', { class: 'tiles' },
      tile('Net sales', amounts(found.netSales)), tile('Orders', String(found.orders)), tile('Service tickets', String(found.tickets)), tile('Channels', found.channels.join(', ') || '–'),
      tile('First seen', found.firstSeen ? instant(found.firstSeen) : '–'), tile('Last seen', found.lastSeen ? instant(found.lastSeen) : '–')),
    table('Identifiers', ['Identifier', 'Value'], found.identifiers.map(({ type, value }) => [type, value])),
  ] };
}

async function timeline(id, after) {
  const page = await ask(`customers/${encodeURIComponent(id)}/timeline`, { top: '25', continuation: after });
  const entries = page.value.map(entry => element('li', {}, element('time', { datetime: entry.at }, instant(entry.at)), describe(entry)));
  const list = element('ol', { class: 'timeline' }, ...entries);
  const next = page.nextLink && new URL(page.nextLink, location.origin).searchParams.get('continuation');
  const more = next && element('button', { type: 'button', onclick: async () => {
    const following = await timeline(id, next);
    list.append(...following.content[0].children);
    more.replaceWith(...following.content.slice(1));
  } }, 'More');
  return { content: [list, more].filter(Boolean) };
}

async function why(id) {
  const page = await ask(`customers/${encodeURIComponent(id)}/why`, { top: '25' });
  return {
    note: `By rules ${page.ruleVersion}. An identifier ties where it says so.`,
    content: [table('Evidence', ['Interaction', 'Identifier', 'Ties'], page.value.flatMap(({ entity, identifiers }) => identifiers.map(({ type, value, tie }) => [entity, `${type} ${value}`, tie])))],
  };
}

/** Finds a customer by id or identifier, and shows what is known. */
export async function find(type, value) {
  hide(...cards);
  await show('person', async () => {
    if (type === 'id' && !/^c[a-z0-9]+$/i.test(value)) throw new Refusal(400, 'A customer id is c and some letters and digits.');
    const found = type === 'id' ? await ask(`customers/${encodeURIComponent(value)}`) : await ask('customers/lookup', {}, { type, value });
    void show('timeline', () => timeline(found.id));
    void show('why', () => why(found.id));
    return person(found);
  });
}
