// What the reports page asks for.
import { ago, campaigns, uuid } from './data.mjs';

const definitions = [{"id": "attempts", "unit": "count", "name": {"en": "Attempts", "zh": "拨打次数"}, "formula": {"en": "Attempts whose permit falls in the period; equals the sum of all outcomes", "zh": "许可时间在期间内的拨打次数；等于所有结果之和"}}, {"id": "connects", "unit": "count", "name": {"en": "Connects", "zh": "接通次数"}, "formula": {"en": "Attempts in which a person talked with an agent: outcomes connected and inbound", "zh": "客户与坐席通话的次数：结果为“已接通”和“呼入”"}}, {"id": "connect_rate", "unit": "share", "name": {"en": "Connect rate", "zh": "接通率"}, "formula": {"en": "Connects ÷ attempts", "zh": "接通次数 ÷ 拨打次数"}}, {"id": "contacts", "unit": "count", "name": {"en": "Contacts", "zh": "有效接触"}, "formula": {"en": "Attempts whose disposition says that a person was reached", "zh": "处置结果表明已接触到人的拨打次数"}}, {"id": "contact_rate", "unit": "share", "name": {"en": "Contact rate", "zh": "接触率"}, "formula": {"en": "Contacts ÷ attempts", "zh": "有效接触 ÷ 拨打次数"}}, {"id": "right_party", "unit": "count", "name": {"en": "Right party", "zh": "本人接听"}, "formula": {"en": "Attempts whose disposition says that the person meant was reached", "zh": "处置结果表明接触到本人的拨打次数"}}, {"id": "right_party_rate", "unit": "share", "name": {"en": "Right-party rate", "zh": "本人接听率"}, "formula": {"en": "Right party ÷ contacts", "zh": "本人接听 ÷ 有效接触"}}, {"id": "successes", "unit": "count", "name": {"en": "Successes", "zh": "成功数"}, "formula": {"en": "Attempts whose disposition is a success: a sale, an appointment", "zh": "处置结果为成功（成交、预约）的拨打次数"}}, {"id": "success_rate", "unit": "share", "name": {"en": "Success rate", "zh": "成功率"}, "formula": {"en": "Successes ÷ contacts", "zh": "成功数 ÷ 有效接触"}}, {"id": "kept_rate", "unit": "share", "name": {"en": "Appointments kept", "zh": "预约履行率"}, "formula": {"en": "Agreed callbacks that were kept ÷ (kept + cancelled); open ones do not count", "zh": "已履行的约定回电 ÷（已履行 + 已取消）；未到期的不计"}}, {"id": "refusals", "unit": "count", "name": {"en": "Refusals", "zh": "拒绝数"}, "formula": {"en": "Attempts whose disposition is a refusal", "zh": "处置结果为拒绝的拨打次数"}}, {"id": "early_refusals", "unit": "count", "name": {"en": "Lost in 30 s", "zh": "30 秒内流失"}, "formula": {"en": "Connects that were refused, or hung up by the callee without a success, within the first 30 seconds of talk", "zh": "通话前 30 秒内被拒绝，或客户未成功即挂断的接通"}}, {"id": "early_refusal_rate", "unit": "share", "name": {"en": "Lost in 30 s, share", "zh": "30 秒内流失率"}, "formula": {"en": "Lost in 30 s ÷ connects", "zh": "30 秒内流失 ÷ 接通次数"}}, {"id": "aht", "unit": "seconds", "name": {"en": "AHT", "zh": "平均处理时长"}, "formula": {"en": "(Talk + wrap-up of the attempts) ÷ connects", "zh": "（通话 + 话后时长）÷ 接通次数"}}, {"id": "talk", "unit": "seconds", "name": {"en": "Mean talk", "zh": "平均通话时长"}, "formula": {"en": "Talk of the attempts ÷ connects", "zh": "通话时长 ÷ 接通次数"}}, {"id": "login_hours", "unit": "hours", "name": {"en": "Agent hours", "zh": "坐席工时"}, "formula": {"en": "Time of agents who are logged in, pauses included; a state counts when it has ended", "zh": "坐席登录总时长（含示忙）；状态结束后计入"}}, {"id": "occupancy", "unit": "share", "name": {"en": "Occupancy", "zh": "占用率"}, "formula": {"en": "(Talking + wrap-up + reserved + preview) ÷ (agent hours − pauses)", "zh": "（通话 + 话后 + 预占 + 预览）÷（坐席工时 − 示忙）"}}, {"id": "idle", "unit": "share", "name": {"en": "Idle", "zh": "空闲率"}, "formula": {"en": "Ready and waiting for a call ÷ (agent hours − pauses)", "zh": "就绪等待时长 ÷（坐席工时 − 示忙）"}}, {"id": "talk_per_hour", "unit": "minutes", "name": {"en": "Talk per agent hour", "zh": "每工时通话分钟"}, "formula": {"en": "Minutes in state talking ÷ agent hours", "zh": "通话状态分钟数 ÷ 坐席工时"}}, {"id": "abandonment", "unit": "share", "name": {"en": "Abandonment", "zh": "放弃率"}, "formula": {"en": "Abandoned calls ÷ (abandoned + passed to an agent), corrected machine errors included, as the ledger counts", "zh": "放弃呼叫 ÷（放弃 + 转接坐席），含更正后的机器误判，口径与台账一致"}}, {"id": "amd_false", "unit": "count", "name": {"en": "Taken for machines", "zh": "误判为机器"}, "formula": {"en": "Persons whom machine detection took for a machine, by later corrections", "zh": "经更正确认被误判为机器的真人接听"}}, {"id": "penetration", "unit": "share", "name": {"en": "List penetration", "zh": "名单触达率"}, "formula": {"en": "Records dialled at least once up to the period's end ÷ records in the lists now", "zh": "截至期末至少拨打过一次的记录 ÷ 名单现有记录"}}, {"id": "cost", "unit": "money", "name": {"en": "Cost", "zh": "成本"}, "formula": {"en": "Data + labour + telephony + commission + fulfilment, by the campaign's cost settings of that time", "zh": "数据 + 人工 + 话费 + 佣金 + 履约，按当时的活动成本设置"}}, {"id": "cost_data", "unit": "money", "name": {"en": "Data", "zh": "数据成本"}, "formula": {"en": "Records dialled for the first time × price of a record", "zh": "首次拨打的记录数 × 单条价格"}}, {"id": "cost_labour", "unit": "money", "name": {"en": "Labour", "zh": "人工成本"}, "formula": {"en": "Agent hours × hourly cost; where a row has no agent hours, the campaign's are shared out by handling time", "zh": "坐席工时 × 小时成本；无工时的分组按处理时长分摊活动人工"}}, {"id": "cost_telephony", "unit": "money", "name": {"en": "Telephony", "zh": "话费"}, "formula": {"en": "Attempts × price of a call + answered minutes × price of a minute", "zh": "拨打次数 × 每次费用 + 应答分钟 × 每分钟费用"}}, {"id": "cost_commission", "unit": "money", "name": {"en": "Commission", "zh": "佣金"}, "formula": {"en": "Successes × commission", "zh": "成功数 × 佣金"}}, {"id": "cost_fulfilment", "unit": "money", "name": {"en": "Fulfilment", "zh": "履约成本"}, "formula": {"en": "Successes × cost of fulfilment", "zh": "成功数 × 履约成本"}}, {"id": "revenue", "unit": "money", "name": {"en": "Revenue", "zh": "收入"}, "formula": {"en": "Successes × revenue of a success", "zh": "成功数 × 单次收入"}}, {"id": "cost_per_contact", "unit": "money", "name": {"en": "Cost per contact", "zh": "单接触成本"}, "formula": {"en": "Cost ÷ contacts", "zh": "成本 ÷ 有效接触"}}, {"id": "revenue_per_contact", "unit": "money", "name": {"en": "Revenue per contact", "zh": "单接触收入"}, "formula": {"en": "Revenue ÷ contacts", "zh": "收入 ÷ 有效接触"}}, {"id": "cost_per_success", "unit": "money", "name": {"en": "Cost per success", "zh": "单成功成本"}, "formula": {"en": "Cost ÷ successes", "zh": "成本 ÷ 成功数"}}, {"id": "return", "unit": "share", "name": {"en": "Return", "zh": "回报率"}, "formula": {"en": "(Revenue − cost) ÷ cost", "zh": "（收入 − 成本）÷ 成本"}}];

const random = (seed) => { let x = seed; return () => (x = (x * 16807) % 2147483647) / 2147483647; };
const names = ['Spring offer', '春季回访 – 上海及周边地区的老客户名单', 'A very long name of a campaign that nobody would shorten for the sake of a table', 'Renewal'];

function row(key, label, r, scale = 1) {
  const attempts = Math.round(r() * 9000 * scale), connects = Math.round(attempts * (0.05 + r() * 0.2)), contacts = Math.round(connects * 0.8), successes = Math.round(contacts * r() * 0.3);
  const sums = { attempts, connected: connects, abandoned: Math.round(connects * 0.02), machine: Math.round(attempts * 0.2), no_answer: 0, busy: Math.round(attempts * 0.05) };
  sums.no_answer = attempts - sums.connected - sums.abandoned - sums.machine - sums.busy;
  const kpi = Object.fromEntries(definitions.map((d) => [d.id, d.unit === 'share' ? r() * 0.5 : d.unit === 'money' ? r() * 4000 : d.unit === 'seconds' ? 60 + r() * 300 : r() * 50]));
  Object.assign(kpi, { attempts, connects, contacts, successes, refusals: Math.round(contacts * 0.3), right_party: Math.round(contacts * 0.7), amd_false: 2, connect_rate: connects / attempts, contact_rate: contacts / attempts, success_rate: contacts ? successes / contacts : null, penetration: key ? r() : null });
  return { key, label, sums, kpi };
}

function table(q) {
  const g = q.get('group'), r = random(7);
  if (q.get('from') < '2020') return { rows: [] };
  let rows;
  if (g === 'day') rows = Array.from({ length: 30 }, (_, i) => row(`2026-10-${String(i + 1).padStart(2, '0')}`, `2026-10-${String(i + 1).padStart(2, '0')}`, r));
  else if (g === 'hour') rows = Array.from({ length: 12 }, (_, i) => row(String(i + 8).padStart(2, '0'), '', r));
  else if (g === 'agent') rows = Array.from({ length: 500 }, (_, i) => row(uuid(3, i), i === 3 ? '' : `Agent ${i} ${i % 5 ? '' : '坐席姓名很长很长很长'}`, r, 0.05)).concat(row('', '', r));
  else rows = names.map((n, i) => row(uuid(4, i), n, r));
  const total = row('', '', r, 4);
  if (q.get('compare')) for (const x of [...rows, total]) x.previous = Object.fromEntries(Object.entries(x.kpi).map(([k, v]) => [k, v === null ? null : v * (0.8 + r() * 0.4)]));
  return { from: ago(86400), to: ago(0), zone: 'UTC', group: g, as_of: ago(4), behind: false, currency: 'EUR', rows, total, truncated: false };
}

function heat() {
  const r = random(3);
  return { unknown: 1234, cells: Array.from({ length: 168 }, (_, i) => {
    const h = i % 24, n = h < 8 || h > 20 || i >= 144 ? 0 : h === 20 ? 6 : Math.round(200 + r() * 12000), rate = 0.03 + r() * 0.1, half = n ? 1.96 * Math.sqrt((rate * (1 - rate)) / n) : 0;
    return n ? { attempts: n, connects: n, contacts: Math.round(n * rate), rate, low: Math.max(0, rate - half), high: rate + half } : { attempts: 0, connects: 0, contacts: 0, rate: null, low: 0, high: 0 };
  }) };
}

const count = (live, abandoned, cap = 0.03) => ({ live, abandoned, amd_false: abandoned > 20 ? 3 : 0, rate: live ? abandoned / live : null, room: Math.floor(live * cap) - abandoned });
const ledgers = () => ({ items: campaigns.slice(0, 3).map((c, i) => {
  const r = random(i + 5);
  return { campaign_id: c.id, name: c.name, zone: 'Europe/London', cap: 0.03, windows: [{ span: 'day', start: ago(30000), end: ago(-50000), enforced: true, ...count(i === 2 ? 0 : 812, [9, 41, 0][i]) }, { span: '30d', start: ago(1000000), end: ago(-1500000), enforced: i === 0, ...count(18230, 398) }, { span: 'month', start: ago(1800000), end: ago(-600000), enforced: false, ...count(23000, 520 + i * 140) }],
    days: Array.from({ length: 60 }, (_, d) => ({ day: new Date(Date.now() - (59 - d) * 86400000).toISOString().slice(0, 10), ...(d % 7 > 4 ? count(0, 0) : count(900, Math.round(r() * 34))) })) };
}) });

const schedules = [
  { id: uuid(9, 1), name: 'Morning report', plan: { group: 'campaign', period: 'yesterday', every: 'day', at: '07:00' }, way: 'mail', target: 'boss@example.com, 主管@example.cn', format: 'xlsx', language: 'en', zone: 'Europe/London', enabled: true, due_at: ago(-40000), revision: 1, last: { due_at: ago(46000), state: 'sent', tries: 1, error: '', ended_at: ago(45999) } },
  { id: uuid(9, 2), name: '每周坐席报表，发送给所有区域经理以及总部的名称非常长的报表', plan: { group: 'agent', period: 'last_week', every: 'week', weekday: 1, at: '08:30' }, way: 'mail', target: 'team@example.cn', format: 'csv', language: 'zh-CN', zone: 'Asia/Shanghai', enabled: true, due_at: ago(-90000), revision: 2, last: { due_at: ago(600000), state: 'failed', tries: 8, error: 'mail server: 550 5.1.1 no such mailbox', ended_at: ago(590000) } },
];

export const reports = {
  'GET /reports': (u, b, q) => table(q),
  'GET /reports/definitions': () => ({ items: definitions }),
  'GET /reports/heat': () => heat(),
  'GET /abandonment': () => ledgers(),
  'GET /campaigns/{}/costs': () => ({ items: [{ since: '2026-01-01T00:00:00Z', currency: 'EUR', data: 0.08, labour: 24.5, call: 0.01, minute: 0.018, commission: 12, fulfilment: 31.9, revenue: 240 }, { since: '2026-07-01T00:00:00Z', currency: 'EUR', data: 0.08, labour: 26, call: 0.01, minute: 0.016, commission: 12, fulfilment: 31.9, revenue: 1250000 }] }),
  'GET /report-schedules': () => ({ items: schedules }),
};
