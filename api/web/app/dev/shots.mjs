// Pictures of every page, in both languages, from the fake server: npm run shots [name-part]. They land in dev/shots/.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { chromium } from 'playwright-core';

const PORT = Number(process.env.PORT ?? 8124);
const base = `http://127.0.0.1:${PORT}`;
const out = join(import.meta.dirname, 'shots');
const only = process.argv[2] ?? '';
mkdirSync(out, { recursive: true });

const server = spawn(process.execPath, [join(import.meta.dirname, 'fake', 'server.mjs')], { env: { ...process.env, PORT: String(PORT), FAKE_AUTO: '0', FAKE_BOARD_MS: '700' }, stdio: ['ignore', 'pipe', 'inherit'] });
await new Promise((resolve) => server.stdout.once('data', resolve));
const profile = mkdtempSync(join(tmpdir(), 'shots-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, viewport: { width: 1366, height: 768 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
});

const sizes = { s: { width: 500, height: 400 }, m: { width: 1366, height: 768 }, l: { width: 1920, height: 1080 } };
const problems = [];

async function session(login, language, scheme = 'light') {
  const page = await browser.newPage();
  page.on('console', (m) => m.type() === 'error' && !/401|404|422|ERR_CONNECTION|ERR_EMPTY|WebSocket/.test(m.text()) && problems.push(`${login} ${language}: ${m.text()}`));
  page.on('pageerror', (e) => problems.push(`${login} ${language}: ${e.message}`));
  await browser.clearCookies();
  await page.goto(base);
  await page.evaluate(([l, s]) => { localStorage.setItem('dialtide.language', JSON.stringify(l)); localStorage.setItem('mantine-color-scheme-value', s); }, [language, scheme]);
  await page.goto(base);
  if (!login) return page;
  await page.fill('[data-testid=login]', login);
  await page.fill('[data-testid=password]', 'any');
  await page.click('[data-testid=signin]');
  await page.waitForSelector('[data-testid=account]');
  await page.click('[data-testid=language]');
  await page.click(`[data-testid=language-${language}]`);
  await page.waitForSelector(`html[lang=${language}]`);
  return page;
}
const fake = (page, what, body) => page.evaluate(([w, b]) => fetch('/api/fake/' + w, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(b) }).then(() => 0), [what, body]);
async function shot(page, name, size = 'm', wait = 450) {
  if (only && !name.includes(only)) return;
  await page.setViewportSize(sizes[size]);
  await page.waitForTimeout(wait);
  const file = `${name}-${size}.png`;
  await page.screenshot({ path: join(out, file) });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
  if (wide) problems.push(`${file}: the page scrolls sideways`);
  const cut = size === 's' ? [] : await page.evaluate(() => [...document.querySelectorAll('[class*=scroll]')].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className));
  if (cut.length) problems.push(`${file}: a table is wider than its panel`);
}

async function agent(lang, scheme) {
  const page = await session('agent', lang, scheme);
  const n = (x) => `agent-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.waitForSelector('[data-testid=campaign-login]');
  await shot(page, n('1choose'));
  await page.click('[data-testid=campaign-login]');
  await page.waitForSelector('[data-phone=up]');
  await shot(page, n('2notready'));
  await shot(page, n('2notready'), 's');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=ready]');
  await page.waitForSelector('[data-agent-state=Ready]');
  await page.click('[data-testid=not-ready]');
  await shot(page, n('3ready-menu'));
  await page.keyboard.press('Escape');
  await fake(page, 'call', { do: 'ring' });
  await page.waitForSelector('[data-testid=contact-card]');
  await fake(page, 'call', { do: 'talk' });
  await page.waitForSelector('[data-testid=hangup]');
  for (const s of ['m', 'l', 's']) await shot(page, n('4talk'), s, 1200);
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=talk-transfer]');
  await page.waitForSelector('[data-testid^=target-a]');
  await shot(page, n('4transfer'));
  await page.locator('[data-testid^=target-a]').first().check();
  await page.click('[data-testid=transfer-warm]');
  await page.waitForSelector('[data-testid=talk-complete]');
  for (const s of ['m', 's']) await shot(page, n('4consult'), s);
  await page.click('[data-testid=talk-cancel]');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=script-objections]');
  await page.click('[data-testid=objection-dear]');
  await page.waitForSelector('[data-testid=disclosure]');
  for (const s of ['m', 's']) await shot(page, n('4objection'), s);
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=script-back]');
  await page.waitForSelector('[data-step=intro]');
  await page.click('[data-testid=keys-help]');
  await shot(page, n('4keys'));
  await page.keyboard.press('Escape');
  await page.click('[data-testid=today]');
  await shot(page, n('4day'));
  await page.keyboard.press('Escape');
  await page.setViewportSize(sizes.m);
  await page.keyboard.press('a');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=offer]');
  await page.keyboard.press('a');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-step=email]');
  await page.fill('[data-testid=answer]', 'someone@example.org');
  await page.keyboard.press('3');
  await page.click('[data-testid=disposition-callback]');
  await page.fill('[data-testid=note]', 'Prefers mornings. 上午联系。');
  await shot(page, n('5script'));
  await page.click('[data-testid=hangup]');
  await page.waitForSelector('[data-agent-state=WrapUp]');
  await page.click('[data-testid=save-result]');
  for (const s of ['m', 's']) await shot(page, n('6wrapup'), s);
  await page.setViewportSize(sizes.m);
  await fake(page, 'network', { refuse: true });
  await page.waitForSelector('[data-testid=connection-lost]');
  await page.click('[data-testid=disposition-sale]');
  await page.click('[data-testid=save-result]');
  await shot(page, n('7lost'));
  await page.reload().catch(() => 0);
  await fake(page, 'network', { refuse: false });
  await page.reload();
  await page.waitForSelector('[data-agent-state=Ready]');
  await shot(page, n('8saved'));
  await fake(page, 'call', { do: 'show', patch: { session: null, state: 'Offline', phone: 'down', pop: null, call: null } });
  await page.close();
}

async function supervisor(lang, scheme) {
  const page = await session('supervisor', lang, scheme);
  const n = (x) => `${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.waitForSelector('[data-testid=agent-row]');
  await page.click('[data-testid=listen]');
  await page.waitForSelector('[data-testid=watching]');
  await shot(page, n('board'), 'm', 500);
  await shot(page, n('board'), 'l', only.includes('chart') ? 45000 : 500);
  await shot(page, n('board'), 's');
  await page.setViewportSize(sizes.m);
  await page.goto(base + '/calls');
  await page.waitForSelector('[data-testid=attempt-row]');
  await page.click('[data-testid=play]');
  await shot(page, n('calls'));
  await page.click('[data-testid=tab-recordings]');
  await shot(page, n('recordings'));
  await page.goto(base + '/contacts/00000006-0000-4000-8000-000000000005');
  await page.waitForSelector('[data-testid=journey-attempt]');
  await shot(page, n('contact'));
  await page.goto(base + '/campaigns');
  await page.waitForSelector('[data-testid=campaign-row]');
  await shot(page, n('campaigns'));
  await page.goto(base + '/users');
  await shot(page, n('forbidden'));
  await page.goto(base + '/nowhere');
  await shot(page, n('notfound'));
  await page.close();
}

async function manager(lang, scheme) {
  const page = await session('admin', lang, scheme);
  const n = (x) => `${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.goto(base + '/lists');
  await page.waitForSelector('[data-testid=list-row]');
  await shot(page, n('lists'));
  await page.click('[data-testid=create-list]');
  await shot(page, n('lists-create'));
  await page.goto(base + '/lists/00000003-0000-4000-8000-000000000001');
  await page.waitForSelector('[data-testid=contact-row]');
  await shot(page, n('list'));
  await page.setInputFiles('[data-testid=file-input]', { name: 'contacts.csv', mimeType: 'text/csv', buffer: Buffer.from('phone,name\n+8613800138000,a\n') });
  await page.waitForSelector('[data-testid=import-progress]');
  await shot(page, n('list-import'), 'm', 1200);
  await page.waitForSelector('[data-testid=reject-row]');
  await shot(page, n('list-report'));
  await page.goto(base + '/campaigns/00000002-0000-4000-8000-000000000001');
  await page.waitForSelector('[data-testid=outcomes]');
  await shot(page, n('campaign'));
  await page.click('[data-testid=tab-settings]');
  await page.waitForSelector('[data-testid=campaign-form]');
  await page.fill('[data-testid=campaign-ring]', '99');
  await page.click('[data-testid=campaign-save]');
  await shot(page, n('campaign-form'), 'm', 900);
  await shot(page, n('campaign-form'), 'l');
  await page.evaluate(() => document.querySelector('main').parentElement.scrollTo(0, 9e9));
  await shot(page, n('campaign-form-end'), 'm');
  await page.goto(base + '/campaigns/00000002-0000-4000-8000-000000000001/costs');
  await page.waitForSelector('[data-testid=costs-row]');
  await shot(page, n('campaign-costs'), 'm');
  await shot(page, n('campaign-costs'), 's');
  await page.setViewportSize(sizes.m);
  await page.goto(base + '/campaigns/new');
  await page.click('[data-testid=campaign-save]');
  await shot(page, n('campaign-new'), 'm', 900);
  await page.goto(base + '/dnc');
  await page.waitForSelector('[data-testid=dnc-row]');
  await page.click('[data-testid=add-dnc]');
  await page.fill('[data-testid=dnc-phone]', '12');
  await page.click('[data-testid=dnc-save]');
  await shot(page, n('dnc-add'));
  await page.goto(base + '/users');
  await page.waitForSelector('[data-testid=user-row]');
  await shot(page, n('users'));
  await page.click('[data-testid=create-user]');
  await shot(page, n('users-create'));
  await page.goto(base + '/trunks');
  await page.waitForSelector('[data-testid=trunk-row]');
  await shot(page, n('trunks'));
  await shot(page, n('trunks'), 's');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=trunk-edit]');
  await page.fill('[data-testid=trunk-endpoint]', 'PJSIP/carrier');
  await page.fill('[data-testid=trunk-cps]', '0');
  await page.click('[data-testid=trunk-save]');
  await shot(page, n('trunks-edit'));
  await fake(page, 'network', { empty: true });
  await page.goto(base + '/lists');
  await shot(page, n('lists-empty'), 'm', 900);
  await fake(page, 'network', { empty: false });
  await page.close();
}

// Pacing and what-if, at the usual and at a small size.
async function pacing(lang, scheme) {
  const page = await session('admin', lang, scheme);
  const n = (x) => `${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  const both = async (name) => {
    for (const s of ['m', 's']) await shot(page, n(name), s, 700);
    await page.setViewportSize(sizes.m);
  };
  const at = `${base}/campaigns/00000002-0000-4000-8000-000000000001`;
  const scroll = (to) => page.evaluate((y) => document.querySelector('main').parentElement.scrollTo(0, y), to);
  await page.goto(at + '/pacing');
  await page.waitForSelector('[data-testid=pacing-plots] canvas');
  await both('pacing');
  await scroll(9e9);
  await shot(page, n('pacing-end'));
  await page.goto(`${base}/campaigns/00000002-0000-4000-8000-000000000003/pacing`);
  await page.waitForSelector('[data-testid=pacing-empty]');
  await both('pacing-empty');
  await page.goto(`${base}/campaigns/00000002-0000-4000-8000-000000000004/whatif`);
  await page.waitForSelector('[data-testid=whatif-empty]');
  await both('whatif-empty');
  await page.goto(at + '/whatif');
  await page.waitForSelector('[data-testid=whatif-form]');
  await page.fill('[data-testid=whatif-agents]', '501');
  await page.click('[data-testid=whatif-ask]');
  await shot(page, n('whatif-wrong'));
  await page.fill('[data-testid=whatif-agents]', '499');
  await page.click('[data-testid=whatif-ask]');
  await page.waitForSelector('[data-testid=whatif-ended]');
  await shot(page, n('whatif-failed'));
  await page.fill('[data-testid=whatif-agents]', '77');
  await page.click('[data-testid=whatif-ask]');
  await page.waitForSelector('[data-testid=whatif-progress]');
  await both('whatif-working');
  await page.click('[data-testid=whatif-cancel]');
  await page.waitForSelector('[data-testid=whatif-ended]');
  await shot(page, n('whatif-cancelled'));
  await page.fill('[data-testid=whatif-agents]', '16');
  await page.click('[data-testid=whatif-ask]');
  await page.waitForSelector('[data-testid=whatif-answer]');
  await both('whatif');
  await shot(page, n('whatif'), 'l');
  await page.setViewportSize(sizes.m);
  await scroll(9e9);
  await shot(page, n('whatif-end'));
  await page.setViewportSize(sizes.s);
  await scroll(9e9);
  await shot(page, n('whatif-end'), 's');
  await page.setViewportSize(sizes.m);
  await page.goto(at + '/settings');
  await page.waitForSelector('[data-testid=campaign-form]');
  await page.click('[data-testid=campaign-mode] > div:last-child label');
  await page.click('[data-testid=campaign-pacing]');
  await page.waitForSelector('[data-testid=campaign-caution]');
  await page.click('[data-testid=campaign-aim] > div:nth-of-type(2) label');
  await page.evaluate(() => document.querySelector('[data-testid=campaign-pacing]').scrollIntoView());
  await both('campaign-pacing');
  await page.close();
}

// The designer of scripts, its preview, and the reports.
async function scripts(lang, scheme) {
  const page = await session('manager', lang, scheme);
  const n = (x) => `scripts-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.goto(base + '/scripts');
  await page.waitForSelector('[data-testid=script-row]');
  await shot(page, n('1library'));
  const at = `${base}/scripts/00000005-0000-4000-8000-000000000001`;
  await page.goto(at);
  await page.waitForSelector('[data-testid=problems]');
  await shot(page, n('2design'));
  await page.click('[data-testid=problem]');
  await shot(page, n('3fault'));
  await page.click('[data-testid=graph-offer]');
  await page.click('[data-testid=graph-fit]');
  await page.evaluate(() => document.querySelector('[data-testid=question-form]').scrollIntoView());
  await shot(page, n('4question'));
  await page.evaluate(() => document.querySelector('[data-testid=way]').scrollIntoView());
  await shot(page, n('5ways'));
  await shot(page, n('5ways'), 's');
  await page.setViewportSize(sizes.m);
  for (const [tab, seen] of [['preview', 'played'], ['text', 'source'], ['report', 'steps'], ['tests', 'test'], ['versions', 'version-row']]) {
    await page.goto(`${at}/${tab}`);
    await page.waitForSelector(`[data-testid=${seen}]`);
    await shot(page, n(`6${tab}`), 'm', 900);
  }
  await page.goto(`${at}/report`);
  await page.waitForSelector('[data-testid=results]');
  await page.evaluate(() => document.querySelector('[data-testid=ways]').scrollIntoView());
  await shot(page, n('7report-end'));
  await page.close();
}

async function help(lang, scheme) {
  const page = await session('agent', lang, scheme);
  const n = (x) => `help-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await fake(page, 'help', { count: 0 });
  await fake(page, 'call', { do: 'show', patch: { session: null, pop: null, call: null, state: 'Offline', phone: 'down' } });
  await page.waitForSelector('[data-testid=campaign-login]');
  await page.click('[data-testid=campaign-login]');
  await page.waitForSelector('[data-phone=up]');
  await page.click('[data-testid=ready]');
  await fake(page, 'call', { do: 'ring' });
  await page.waitForSelector('[data-testid=contact-card]');
  await fake(page, 'call', { do: 'talk' });
  await page.keyboard.press('Shift+M');
  await page.waitForSelector('[data-testid=message-text]');
  await shot(page, n('1empty'));
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-testid=message-text]', { state: 'detached' });
  await fake(page, 'help', { count: 3 });
  await page.waitForSelector('[data-testid=unread-message]');
  await page.keyboard.press('Shift+S');
  await page.fill('[data-testid=help-text]', 'He wants the contract cancelled and shouts');
  await shot(page, n('2ask'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-testid=own-help]');
  await shot(page, n('3desk'));
  await shot(page, n('3desk'), 's');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=messages-open]');
  await page.waitForSelector('[data-testid=message]');
  await shot(page, n('4messages'));
  await shot(page, n('4messages'), 's');
  await page.close();
  const board = await session('supervisor', lang, scheme);
  await fake(board, 'help', { count: 0 });
  await board.waitForSelector('[data-testid=help-panel]');
  await shot(board, n('5nobody'));
  await fake(board, 'help', { count: 8 });
  await board.waitForSelector('[data-testid=help-open]:not([data-waiting="0"])');
  await shot(board, n('6waits'), 'm', 1500);
  await board.click('[data-testid=help-open]');
  await board.waitForSelector('[data-testid=help-row]');
  await shot(board, n('6queue'), 'm', 1500);
  await shot(board, n('6queue'), 's', 1500);
  await board.setViewportSize(sizes.m);
  await board.keyboard.press('Escape');
  await board.waitForSelector('[data-testid=help-row]', { state: 'detached' });
  await board.click('[data-testid=chats]');
  await shot(board, n('7chats'));
  await board.click('[data-testid=chat-row]');
  await board.waitForSelector('[data-testid=message]');
  await shot(board, n('8agent'));
  await board.click('[data-testid=orders]');
  await board.click('[data-testid=order-not_ready]');
  await shot(board, n('9order'));
  await board.keyboard.press('Escape');
  await board.keyboard.press('Escape');
  await board.waitForSelector('[data-testid=order]', { state: 'detached' });
  if (await board.isVisible('[data-testid=message-text]')) await board.keyboard.press('Escape');
  await board.waitForSelector('[data-testid=message-text]', { state: 'detached' });
  await board.click('[data-testid=notices]');
  await board.waitForSelector('[data-testid=notice-row]');
  await board.click('[data-testid=notice-read] >> nth=0');
  await shot(board, n('10notices'));
  await board.close();
}

async function reports(lang, scheme) {
  const page = await session('supervisor', lang, scheme);
  const n = (x) => `reports-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  const numbers = async (group) => {
    await page.evaluate((g) => localStorage.setItem('dialtide.reports', JSON.stringify({ zone: 'Europe/London', group: g, compare: g === 'campaign' })), group);
    await page.goto(base + '/reports');
    await page.waitForSelector('[data-testid=report-table]');
  };
  await numbers('campaign');
  await shot(page, n('1campaign'), 'm', 900);
  await shot(page, n('1campaign'), 'l');
  await numbers('day');
  await shot(page, n('2day'), 'm', 900);
  await numbers('agent');
  await shot(page, n('3agents'), 'm', 900);
  await page.setViewportSize(sizes.m);
  await page.fill('[data-testid=report-from]', '2019-01-01');
  await shot(page, n('4empty'), 'm', 900);
  for (const [tab, seen] of [['heat', 'heat'], ['abandonment', 'ledger'], ['schedules', 'schedules']]) {
    await page.goto(`${base}/reports/${tab}`);
    await page.waitForSelector(`[data-testid=${seen}]`);
    await shot(page, n(`5${tab}`), 'm', 900);
    if (tab !== 'schedules') await shot(page, n(`5${tab}`), 'l', 600);
  }
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=schedule-add]');
  await shot(page, n('6form'), 'm', 700);
  await page.close();
}

async function sales(lang, scheme) {
  const page = await session('supervisor', lang, scheme);
  const n = (x) => `sales-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.goto(base + '/sales');
  await page.waitForSelector('[data-testid=sale-row]');
  await shot(page, n('1list'));
  await shot(page, n('1list'), 's');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=sale-open]');
  await page.waitForSelector('[data-testid=sale-history] li');
  await shot(page, n('2sale'));
  await page.keyboard.press('Escape');
  await page.waitForSelector('[data-testid=sale-save]', { state: 'detached' });
  await page.click('[data-testid=stages]');
  await page.waitForSelector('[data-testid=stages-save]');
  await shot(page, n('3stages'));
  await fake(page, 'network', { empty: true });
  await page.goto(base + '/sales');
  await shot(page, n('4empty'), 'm', 900);
  await page.goto(base + '/experiments');
  await shot(page, n('5noTests'), 'm', 900);
  await fake(page, 'network', { empty: false });
  await page.close();
  const boss = await session('admin', lang, scheme);
  await boss.goto(base + '/experiments');
  await boss.waitForSelector('[data-testid=uplift]');
  await shot(boss, n('6tests'), 'm', 900);
  await shot(boss, n('6tests'), 's', 500);
  await boss.setViewportSize(sizes.m);
  await boss.click('[data-testid=experiment-new]');
  await boss.click('[data-testid=experiment-outcome]');
  await boss.keyboard.press('End');
  await boss.keyboard.press('Enter');
  await shot(boss, n('7new'));
  await boss.close();
}

async function quality(lang, scheme) {
  const page = await session('supervisor', lang, scheme);
  const n = (x) => `quality-${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  const at = async (path, seen) => { await page.setViewportSize(sizes.m); await page.goto(`${base}/quality${path}`); await page.waitForSelector(`[data-testid=${seen}]`); };
  const end = () => page.evaluate(() => document.querySelector('main').parentElement.scrollTo(0, 9e9));
  await at('', 'due-row');
  await shot(page, n('1queue'));
  await shot(page, n('1queue'), 'l');
  await page.setViewportSize(sizes.m);
  await end();
  await shot(page, n('2rules'));
  await page.click('[data-testid=rule-edit]');
  await shot(page, n('2rule'));
  await at('/evaluations', 'evaluation-row');
  await shot(page, n('3evaluations'));
  await shot(page, n('3evaluations'), 's');
  await at('/evaluations/000000021-0000-4000-8000-000000000003', 'sheet');
  await shot(page, n('4evaluation'), 'm', 900);
  await shot(page, n('4evaluation'), 'l');
  await at('/evaluations/000000021-0000-4000-8000-000000000008', 'appeal-open');
  await shot(page, n('4appeal'), 'm', 900);
  if (await page.isVisible('[data-testid=decide]')) { await page.click('[data-testid=decide]'); await shot(page, n('4decide')); }
  await at('/score/000000023-0000-4000-8000-000000000001', 'sheet');
  await page.click('[data-testid=answer-name] label >> nth=0');
  await page.click('[data-testid=answer-needs] label >> nth=2');
  await page.click('[data-testid=mark-time] >> nth=3');
  await page.click('[data-testid=comment-open] >> nth=3');
  await page.fill('[data-testid=comment-needs]', 'He offers in the third sentence.');
  await shot(page, n('5score'), 'm', 900);
  await shot(page, n('5score'), 's');
  await at('/scorecards', 'card-row');
  await shot(page, n('6cards'));
  await at('/scorecards/000000020-0000-4000-8000-000000000002', 'card-problems');
  await shot(page, n('6card'));
  await shot(page, n('6card'), 's');
  await at('/calibration', 'calibration-row');
  await shot(page, n('7calibrations'));
  await at('/calibration/000000024-0000-4000-8000-000000000001', 'asked');
  await shot(page, n('7open'));
  await at('/calibration/000000024-0000-4000-8000-000000000002', 'spread');
  await shot(page, n('7closed'));
  await at('/coaching', 'weak-row');
  await shot(page, n('8coaching'));
  await shot(page, n('8coaching'), 'l');
  await page.setViewportSize(sizes.m);
  await page.click('[data-testid=coach-about]');
  await shot(page, n('8task'));
  await at('/trend?agent=00000001-0000-4000-8000-000000000001', 'trend-table');
  await shot(page, n('9trend'), 'm', 900);
  await page.goto(base + '/calls?tab=recordings');
  await page.waitForSelector('[data-testid=recording-row]');
  await shot(page, n('9recordings'));
  await fake(page, 'network', { empty: true });
  for (const tab of ['', 'evaluations', 'scorecards', 'calibration', 'coaching']) {
    await page.goto(`${base}/quality/${tab}`);
    await shot(page, n(`empty-${tab || 'queue'}`), 'm', 900);
  }
  await fake(page, 'network', { empty: false });
  await page.close();
  const own = await session('agent', lang, scheme);
  await own.goto(base + '/quality');
  await own.waitForSelector('[data-testid=evaluation-row]');
  await shot(own, n('own'), 'm', 900);
  await own.goto(base + '/quality/evaluations/000000021-0000-4000-8000-000000000001');
  await own.waitForSelector('[data-testid=appeal]');
  await shot(own, n('own-evaluation'), 'm', 900);
  await own.click('[data-testid=appeal]');
  await shot(own, n('own-appeal'));
  await own.close();
}

async function signin(lang, scheme) {
  const page = await session('', lang, scheme);
  const n = (x) => `${x}-${lang}${scheme === 'dark' ? '-dark' : ''}`;
  await page.waitForSelector('[data-testid=login]');
  await shot(page, n('signin'));
  await page.fill('[data-testid=login]', 'agent');
  await page.fill('[data-testid=password]', 'wrong');
  await page.click('[data-testid=signin]');
  await page.waitForSelector('[data-testid=signin-error]');
  await shot(page, n('signin-wrong'), 's');
  await page.close();
}

try {
  const part = (process.env.PART ?? 'signin,agent,supervisor,manager,pacing,scripts,reports').split(',');
  const looks = process.env.LOOKS ? process.env.LOOKS.split(',').map((l) => l.split(':')) : [['en', 'light'], ['zh-CN', 'light'], ['en', 'dark']];
  for (const [lang, scheme] of looks) {
    for (const p of part) await { signin, help, sales, quality, agent, supervisor, manager, pacing, scripts, reports }[p](lang, scheme);
  }
} finally {
  await browser.close();
  server.kill();
  rmSync(profile, { recursive: true, force: true });
}
console.log(problems.length ? 'PROBLEMS\n' + problems.join('\n') : 'no problems');
process.exit(problems.length ? 1 : 0);
