import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AGENT_STATES, OUTCOMES } from '../api/types';
import { firstLanguage, resources } from './index';

type Tree = { [k: string]: string | Tree };

function flat(t: Tree, prefix = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [k, v] of Object.entries(t)) {
    if (typeof v === 'string') out.set(prefix + k, v);
    else for (const [k2, v2] of flat(v, `${prefix}${k}.`)) out.set(k2, v2);
  }
  return out;
}

const en = flat(resources.en.translation as Tree);
const zh = flat(resources['zh-CN'].translation as Tree);
const root = join(import.meta.dirname, '..');
const repo = join(root, '..', '..', '..', '..');

function sources(): string {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f) && !f.startsWith('i18n/en') && !f.startsWith('i18n/zh') && !f.includes('.test.'))
    .map((f) => readFileSync(join(root, f), 'utf8')).join('\n');
}

// Constants of a package of the server, read from its own code, so that a new one cannot be forgotten here.
function constants(folder: string, pattern: RegExp): string[] {
  const files = readdirSync(join(repo, folder)).filter((f) => f.endsWith('.go') && !f.endsWith('_test.go'));
  return files.flatMap((f) => [...readFileSync(join(repo, folder, f), 'utf8').matchAll(pattern)].map((m) => m[1]!));
}

describe('languages', () => {
  it('have the same keys, with the same placeholders', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
    const holes = (s: string) => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();
    for (const [k, text] of en) expect(holes(zh.get(k)!), k).toEqual(holes(text));
  });

  it('leave nothing untranslated', () => {
    const same = [...en].filter(([k, v]) => /[a-z]{4}/i.test(v) && zh.get(k) === v && !/^(contact\.(sip|q850))$/.test(k));
    expect(same).toEqual([]);
  });

  it('have every key that the code names, and no key that it does not', () => {
    const code = sources();
    const named = [...code.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((m) => m[1]!);
    expect(named.filter((k) => !en.has(k))).toEqual([]);
    // A key can also be made from a part: t(`lists.${name}`), t(cond ? 'a.b' : 'a.c'), or a table of last parts.
    const all = (pattern: RegExp) => new Set([...code.matchAll(pattern)].map((m) => m[1]!));
    const quoted = all(/'([\w.]+)'/g);
    const heads = all(/`([\w.]+)\.\$\{/g);
    const labels = all(/\b(\w+):/g);
    const unused = [...en.keys()].filter((k) => {
      if (k.startsWith('code.')) return false;
      const dot = k.lastIndexOf('.');
      const [head, part] = [k.slice(0, dot), k.slice(dot + 1)];
      return !quoted.has(k) && !(heads.has(head) && (quoted.has(part) || labels.has(part)));
    });
    expect(unused).toEqual([]);
  }, 60_000); // it reads every source, on a busy machine too

  it('choose the stored language, else the browser\'s', () => {
    expect(firstLanguage('zh-CN', ['en-US'])).toBe('zh-CN');
    expect(firstLanguage(null, ['zh-TW', 'en'])).toBe('zh-CN');
    expect(firstLanguage('xx', ['de', 'zh'])).toBe('en');
  });
});

describe('codes of the server have names', () => {
  const missing = (group: string, list: readonly string[]) => list.filter((c) => !en.has(`code.${group}.${c}`));

  it('outcomes and states', () => {
    expect(constants('lists', /\b[A-Z]\w+\s+Outcome = "(\w+)"/g)).toEqual([...OUTCOMES]);
    expect(missing('outcome', OUTCOMES)).toEqual([]);
    expect(missing('agentState', AGENT_STATES)).toEqual([]);
    const states = constants('dialer/call', /(?:Dialing|Ringing|Screening|Waiting|Connecting|Talking|Messaging|Closing|Ended): "(\w+)"/g);
    expect(states.length).toBeGreaterThan(5);
    expect(missing('callState', states)).toEqual([]);
  });

  it('reasons', () => {
    const given = constants('agent', /\bReason\w+\s*= "(\w+)"/g);
    const chosen = constants('agent', /DefaultReasons = \[\]string\{([^}]*)\}/g).flatMap((list) => [...list.matchAll(/"(\w+)"/g)].map((m) => m[1]!));
    expect(given.length).toBeGreaterThan(3);
    expect(chosen.length).toBeGreaterThan(3);
    expect(missing('notReady', [...given, ...chosen])).toEqual([]);
    const rejects = [...constants('lists', /\b(?:Phone|Duplicate)\w+\s*= "(\w+)"/g), ...constants('lists/importer', /\b(?:Row|Field)\w+\s*= "(\w+)"/g)];
    expect(rejects.length).toBeGreaterThan(7);
    expect(missing('reject', rejects)).toEqual([]);
    const files = constants('lists/importer', /\bFile\w+\s*= "(\w+)"/g);
    expect(files.length).toBeGreaterThan(4);
    expect(missing('importError', files)).toEqual([]);
    expect(missing('excluded', [...constants('lists', /\bReason\w+\s*= "(\w+)"/g), ...constants('lists/compliance', /\bRule\w+\s*= "(\w+)"/g)])).toEqual([]);
  });

  it('limits of the pace', () => {
    const limits = [...constants('pacing', / Limit = "(\w+)"/g), ...constants('dialer', /pacing\.Limit = "(\w+)"/g),
      ...constants('lists', /\bDry\w+\s*= "(\w+)"/g)];
    expect(limits.length).toBeGreaterThan(10);
    expect(missing('limit', limits)).toEqual([]);
  });

  it('errors of commands and requests', () => {
    const commands = constants('agent', /\bCode\w+\s*= "(\w+)"/g);
    const requests = constants('api', /http\.Status\w+:\s*"(\w+)"/g);
    const known = constants('api', /http\.Status\w+, "(\w+)"/g);
    expect(commands.length).toBeGreaterThan(8);
    expect(requests.length).toBeGreaterThan(8);
    expect(missing('error', [...commands, ...requests, ...known])).toEqual([]);
  });
});
