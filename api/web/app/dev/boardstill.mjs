// Whether the board keeps still: alerts and requests for help come and go, verdicts change, the connection is lost and found, and no
// table may move by a pixel. Run it after `make web`; it fails when one does.
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const port = 8379;
const env = { ...process.env, PORT: String(port), FAKE_AGENTS: '60', FAKE_BOARD_MS: '300', FAKE_RING_MS: '200' };
const server = spawn('node', [join(import.meta.dirname, 'fake', 'server.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
await new Promise((ready) => server.stdout.once('data', ready));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const faults = [];

// Runs in the page: from now on every place is remembered in which a part of the board was drawn.
const watch = () => {
  const parts = ['alert-strip', 'help-panel', 'tiles', 'campaigns', 'traffic', 'trunks', 'lists', 'agents', 'calls', 'campaign-row'];
  const places = (window.places = {});
  const shifts = (window.shifts = []);
  new PerformanceObserver((l) => l.getEntries().forEach((e) => shifts.push({ value: e.value, of: e.sources.map((s) => s.node?.closest?.('[data-testid]')?.dataset.testid ?? s.node?.nodeName) }))).observe({ type: 'layout-shift', buffered: false });
  const look = () => {
    for (const id of parts) {
      const e = document.querySelector(`[data-testid="${id}"]`);
      if (!e) continue;
      const r = e.getBoundingClientRect();
      // Playwright scrolls to what it clicks: that is no move.
      const scrolled = document.querySelector('#main').parentElement.scrollTop;
      (places[id] ??= new Set()).add(`${Math.round(r.left)},${Math.round(r.top + scrolled)}`);
    }
    requestAnimationFrame(look);
  };
  look();
};

async function run(width, height, language) {
  const page = await browser.newPage({ viewport: { width, height } });
  const fake = (what, body) => fetch(`http://127.0.0.1:${port}/api/fake/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  await fake('alerts', { count: 0 });
  await fake('help', { count: 0 });
  await page.goto(`http://127.0.0.1:${port}`);
  await page.evaluate((l) => localStorage.setItem('dialtide.language', JSON.stringify(l)), language);
  await page.fill('[data-testid=login]', 'supervisor');
  await page.fill('[data-testid=password]', 'any');
  await page.click('[data-testid=signin]');
  await page.waitForSelector('[data-testid=agent-row]');
  await page.waitForTimeout(1500);
  await page.evaluate(watch);
  const wait = () => page.waitForTimeout(700);
  for (const count of [1, 12, 3, 0, 5]) {
    await fake('alerts', { count });
    await fake('help', { count });
    await wait();
  }
  await page.click('[data-testid=alerts-open]');
  await page.waitForSelector('[data-testid=alert-row]');
  await fake('alerts', { count: 0 });
  await wait();
  await page.keyboard.press('Escape');
  await page.click('[data-testid=help-open]');
  await page.waitForSelector('[data-testid=help-row]');
  await fake('help', { count: 0 });
  await wait();
  await page.keyboard.press('Escape');
  await page.click('[data-testid=listen]');
  await page.waitForSelector('[data-testid=watching]');
  await wait();
  await page.click('[data-testid=bar-stop]');
  await page.waitForSelector('[data-testid=watching]', { state: 'detached' });
  await fake('network', { refuse: true });
  await page.waitForSelector('[data-testid=connection-lost]');
  await wait();
  await fake('network', { refuse: false });
  await page.waitForSelector('[data-testid=connection-lost]', { state: 'detached', timeout: 30_000 });
  await wait();
  const { places, shifts } = await page.evaluate(() => ({ places: Object.fromEntries(Object.entries(window.places).map(([k, v]) => [k, [...v]])), shifts: window.shifts }));
  const name = `${width}x${height} ${language}`;
  for (const [id, seen] of Object.entries(places)) if (seen.length > 1) faults.push(`${name}: ${id} stood at ${seen.join(' and ')}`);
  const outside = shifts.filter((s) => s.value > 0.0005);
  console.log(`${name}: ${Object.keys(places).length} parts looked at in every frame; layout shifts together ${shifts.reduce((n, s) => n + s.value, 0).toFixed(5)}, of more than 0.0005: ${outside.length}`);
  for (const s of outside.slice(0, 5)) console.log('  ', s.value.toFixed(5), s.of.join(', '));
  await page.close();
}

try {
  for (const [w, h] of [[1366, 768], [1920, 1080]]) for (const language of ['en', 'zh-CN']) await run(w, h, language);
} finally {
  await browser.close();
  server.kill();
}
console.log(faults.length ? 'MOVED\n' + faults.join('\n') : 'nothing moved');
process.exit(faults.length ? 1 : 0);
