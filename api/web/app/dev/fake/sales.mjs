// Sales and campaign tests of the fake.
import { ago, campaigns, uuid } from './data.mjs';

const stages = [['New', '新建', 'open'], ['Offer sent', '已报价', 'open'], ['Won', '成交', 'won'], ['Lost', '失败', 'lost']].map(([name_en, name_zh, kind], i) => ({ id: uuid(14, i), name_en, name_zh, kind }));
const titles = ['Family plan for two years', '家庭套餐两年合约', 'Upgrade of the whole office with telephones, cabling and a maintenance contract over five years', '宽带升级', 'Renewal'];
const people = ['王小明', 'Elena Lindqvist', 'Konstantina-Alexandra Abernathy-Featherstonehaugh', 'Hiro Tanaka'];
const sale = (i) => { const g = stages[i % 4]; return { id: uuid(15, i), campaign_id: campaigns[i % 2].id, campaign_name: campaigns[i % 2].name, contact_id: uuid(6, i), contact_name: people[i % 4], title: titles[i % 5], stage_id: g.id, stage_en: g.name_en, stage_zh: g.name_zh, kind: g.kind, amount: [129900, 480000, 99900000, 0][i % 4], currency: ['EUR', 'CNY', 'JPY', 'EUR'][i % 4], follow_up_at: i % 3 ? ago((i - 6) * 40000) : null, owner_id: uuid(1, 1), owner_name: ['Alice Moreau', '李秀英', ''][i % 3], note: 'wants a paper', created_by: uuid(1, 1), creator_name: 'Alice Moreau', created_at: ago(i * 9000), updated_at: ago(i), stage_at: ago(i), revision: 1, attempts: [uuid(7, i)] }; };
const share = (n, of) => ({ n, of, share: of ? n / of : 0, low: of ? Math.max(0, n / of - 0.02) : 0, high: of ? n / of + 0.02 : 1 });
const tests = [
  { id: uuid(16, 1), campaign_id: campaigns[0].id, name: 'Half price or a gift, against leaving them alone', arms: [{ name: 'Nobody calls', weight: 1, hold_out: true }, { name: 'Half price for a year', weight: 1 }, { name: '赠送路由器', weight: 1 }], strata: 'list', seed: 1, outcome: 'conversion', planned: 6000, started_at: ago(900000), ended_at: null, ended_why: '' },
  { id: uuid(16, 2), campaign_id: campaigns[1].id, name: 'Local number', arms: [{ name: 'Headquarters', weight: 1 }, { name: 'Local number', weight: 1, caller_id: '+14155550100' }], strata: 'zone', seed: 1, outcome: 'contact', planned: 2000, started_at: ago(400000), ended_at: null, ended_why: '' },
];
const results = { [tests[0].id]: [{ arm: 0, drawn: 2000, called: 0, attempts: 0, contact: share(0, 0), success: share(0, 0), conversion: share(61, 2000), revenue: [{ currency: 'EUR', amount: 793390 }], imported: 0, uplift: null },
  { arm: 1, drawn: 2000, called: 1810, attempts: 3920, contact: share(702, 1810), success: share(188, 1810), conversion: share(142, 2000), revenue: [{ currency: 'EUR', amount: 1844580 }], imported: 0, uplift: { diff: 0.0405, low: 0.027, high: 0.054, sure_low: 0.016, sure_high: 0.065, verdict: 'go_on', reached: 4000 } },
  { arm: 2, drawn: 2000, called: 1799, attempts: 3870, contact: share(688, 1799), success: share(120, 1799), conversion: share(66, 2000), revenue: [{ currency: 'EUR', amount: 857340 }, { currency: 'CNY', amount: 120000 }], imported: 0, uplift: { diff: 0.0025, low: -0.0085, high: 0.0135, sure_low: -0.019, sure_high: 0.024, verdict: 'go_on', reached: 4000 } }],
[tests[1].id]: [{ arm: 0, drawn: 900, called: 610, attempts: 900, contact: share(180, 610), success: share(30, 610), conversion: share(8, 900), revenue: [], imported: 0, uplift: null },
  { arm: 1, drawn: 900, called: 604, attempts: 870, contact: share(266, 604), success: share(44, 604), conversion: share(12, 900), revenue: [], imported: 0, uplift: { diff: 0.145, low: 0.091, high: 0.198, sure_low: 0.05, sure_high: 0.24, verdict: 'better', reached: 1214 } }] };

export const routes = {
  'GET /sale-stages': () => ({ items: stages }), 'PUT /sale-stages': (u, b) => ({ items: b.stages }),
  'GET /sales': (u, b, q) => ({ items: Array.from({ length: u.role === 'agent' ? 2 : 60 }, (_, i) => sale(i)).filter((s) => !q?.get?.('kind') || s.kind === q.get('kind')) }),
  'GET /sales/sums': () => ({ items: [{ stage_id: stages[0].id, kind: 'open', currency: 'EUR', count: 31, amount: 4029900 }, { stage_id: stages[1].id, kind: 'open', currency: 'CNY', count: 12, amount: 9029900 }, { stage_id: stages[2].id, kind: 'won', currency: 'EUR', count: 9, amount: 1029900 }, { stage_id: stages[3].id, kind: 'lost', currency: 'EUR', count: 4, amount: 229900 }] }),
  'GET /sales/{}': (u, b, id) => ({ ...sale(0), id, history: [0, 1].map((i) => ({ at: ago(90000 - i * 40000), by: 'Alice Moreau', stage_id: stages[i].id, stage_en: stages[i].name_en, stage_zh: stages[i].name_zh, amount: 129900 - i * 10000, currency: 'EUR' })) }),
  'POST /sales': (u, b) => ({ status: 201, body: { ...sale(0), ...b } }), 'PUT /sales/{}': (u, b, id) => ({ ...sale(0), ...b, id }),
  'GET /experiments': () => ({ items: tests }), 'GET /experiments/{}': (u, b, id) => ({ ...tests.find((x) => x.id === id), results: results[id], at: ago(0) }),
  'POST /experiments': (u, b) => ({ status: 201, body: { ...tests[0], ...b } }), 'POST /experiments/{}/end': () => tests[0],
};
