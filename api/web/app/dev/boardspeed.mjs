// How smoothly the board runs: 500 agents on one page, 200 changes a second, measured in Chromium for ten seconds. It prints frame
// times and long tasks; run it after `make web`.
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const port = 8378;
const env = { ...process.env, PORT: String(port), FAKE_AGENTS: '500', FAKE_BOARD_MS: '200', FAKE_CHANGES: '40' };
const server = spawn('node', [join(import.meta.dirname, 'fake', 'server.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
await new Promise((done) => server.stdout.once('data', done));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(`http://127.0.0.1:${port}`);
  await page.fill('[data-testid=login]', 'supervisor');
  await page.fill('[data-testid=password]', 'any');
  await page.click('[data-testid=signin]');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=agent-row]').length >= 499);
  await page.waitForTimeout(3000);
  const r = await page.evaluate(() => new Promise((done) => {
    const long = [];
    new PerformanceObserver((l) => l.getEntries().forEach((e) => long.push(e.duration))).observe({ entryTypes: ['longtask'] });
    const frames = [];
    let last = performance.now();
    const end = last + 10_000;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(step);
      else done({ frames, long });
    };
    requestAnimationFrame(step);
  }));
  r.frames.sort((a, b) => a - b);
  const at = (q) => r.frames[Math.floor(r.frames.length * q)].toFixed(1);
  console.log(`frames ${r.frames.length} in 10 s, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, worst ${r.frames.at(-1).toFixed(1)} ms; long tasks ${r.long.length}, longest ${Math.max(0, ...r.long).toFixed(0)} ms, together ${r.long.reduce((a, b) => a + b, 0).toFixed(0)} ms`);
} finally {
  await browser.close();
  server.kill();
}
