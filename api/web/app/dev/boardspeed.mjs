// How smoothly the board runs: 500 agents on one page, 100 of them change each second, measured in Chromium at rest and while somebody
// scrolls through the agents. Run it after `make web`: node dev/boardspeed.mjs [folder of another build to compare with, in turns]
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const other = process.argv[2];
const seconds = Number(process.env.SECONDS_EACH ?? 10);
const rounds = Number(process.env.ROUNDS ?? (other ? 2 : 1));

// Runs in the page: frame times and long tasks of so many seconds.
const measure = ([seconds, scroll]) => new Promise((done) => {
  const long = [];
  const seen = new PerformanceObserver((l) => l.getEntries().forEach((e) => long.push(e.duration)));
  seen.observe({ entryTypes: ['longtask'] });
  const frames = [];
  const box = document.querySelector('[data-testid=agents] [role=table]');
  let last = performance.now();
  const end = last + seconds * 1000;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    if (scroll) box.scrollTop = (box.scrollTop + 24) % (box.scrollHeight - box.clientHeight);
    if (now < end) return requestAnimationFrame(step);
    seen.disconnect();
    done({ frames, long });
  };
  requestAnimationFrame(step);
});

async function look(dist) {
  const env = { ...process.env, PORT: '8378', FAKE_AGENTS: '500', FAKE_BOARD_MS: '200', FAKE_CHANGES: '20', ...(dist ? { DIST: dist } : {}) };
  const server = spawn('node', [join(import.meta.dirname, 'fake', 'server.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((ready) => server.stdout.once('data', ready));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.goto('http://127.0.0.1:8378');
    await page.fill('[data-testid=login]', 'supervisor');
    await page.fill('[data-testid=password]', 'any');
    await page.click('[data-testid=signin]');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=agents] h2 .num')?.textContent) >= 499, null, { timeout: 120_000 });
    await page.waitForTimeout(3000);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    // What the page's own thread has computed, in seconds: tells the same on a machine that is busy with something else.
    const computed = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
    const part = async (scroll) => {
      const before = await computed();
      const r = await page.evaluate(measure, [seconds, scroll]);
      const after = await computed();
      return { ...r, busy: after.TaskDuration - before.TaskDuration, script: after.ScriptDuration - before.ScriptDuration };
    };
    return { rest: await part(false), scroll: await part(true) };
  } finally {
    await browser.close();
    server.kill();
    await new Promise((gone) => server.once('exit', gone));
  }
}

const all = {};
const take = (name, r) => {
  for (const how of ['rest', 'scroll']) {
    const to = ((all[name] ??= {})[how] ??= { frames: [], long: [], busy: 0, script: 0 });
    to.frames.push(...r[how].frames);
    to.long.push(...r[how].long);
    to.busy += r[how].busy;
    to.script += r[how].script;
  }
};
for (let i = 0; i < rounds; i++) {
  take('this build', await look());
  if (other) take('the other', await look(other));
}
const at = (frames, q) => frames.toSorted((a, b) => a - b)[Math.min(frames.length - 1, Math.floor(frames.length * q))];
const sum = (all) => all.reduce((a, b) => a + b, 0);
for (const [name, r] of Object.entries(all)) {
  for (const [how, x] of Object.entries(r)) {
    console.log(`${name}, ${how}: ${x.frames.length} frames in ${seconds * rounds} s, p50 ${at(x.frames, 0.5).toFixed(1)} ms, p95 ${at(x.frames, 0.95).toFixed(1)} ms, p99 ${at(x.frames, 0.99).toFixed(1)} ms, worst ${Math.max(...x.frames).toFixed(1)} ms; long tasks ${x.long.length}, longest ${Math.max(0, ...x.long).toFixed(0)} ms, together ${sum(x.long).toFixed(0)} ms; the thread computed for ${((100 * x.busy) / seconds / rounds).toFixed(1)} % of the time, ${((100 * x.script) / seconds / rounds).toFixed(1)} % of it scripts`);
  }
}
if (other) for (const how of ['rest', 'scroll']) console.log(`ratio other/this, ${how}: p99 frame ${(at(all['the other'][how].frames, 0.99) / at(all['this build'][how].frames, 0.99)).toFixed(2)}, computing ${(all['the other'][how].busy / all['this build'][how].busy).toFixed(2)}`);
