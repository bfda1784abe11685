export const reports = {
  title: '报表', tab: { numbers: '数据', heat: '热力图', abandonment: '放弃率', schedules: '定时发送' },
  period: '期间', ownPeriod: '自选日期', from: '从', to: '到', zone: '时区', group: '分组', campaigns: '外呼活动', all: '全部活动', compare: '与前一期比较', columns: '列', print: '打印', table: '报表数据', total: '整个期间', definitions: '指标说明',
  preset: { today: '今天', yesterday: '昨天', last7: '最近 7 天', last30: '最近 30 天', thisMonth: '本月', lastMonth: '上月', year: '最近 365 天' },
  by: { campaign: '外呼活动', list: '名单', segment: '细分', agent: '坐席', hour: '时段', day: '日', month: '月', version: '话术版本', caller: '主叫号码', trunk: '中继', mode: '模式' },
  set: { result: '总览', contact: '接触', agents: '坐席', money: '成本收益', outcomes: '结果' },
  none: { agent: '无坐席', version: '无话术' }, gone: '已删除（{{id}}）',
  asOf: '截至 {{time}}', behind: '最新通话仍在汇总中', points: '{{n}} 个百分点', outcomeHint: '以此结果结束的拨打次数，以最后一次更正为准。所有结果之和等于拨打次数。',
  empty: '此期间没有数据', emptyHint: '请选择其他日期或其他活动。', truncated: '仅显示前 {{n}} 行。', noCosts: '未显示金额：报表中有活动在该时间没有成本设置，或币种不同。',
  weekday: '星期', heat: '按时段与星期的接触率', heatHint: '上为百分比，下为拨打次数；按被叫方当地时间。', sure: '数据充分', unsure: '次数太少，仅供参考', noCalls: '没有拨打', cell: '{{name}}：{{rate}}（95 % 区间 {{low}} 至 {{high}}），共 {{n}} 次拨打', unknownHour: '另有 {{n}} 次拨打未计入：不知道被叫方的当地时间。',
  abandonment: '各法定窗口内的放弃呼叫', abandonmentHint: '真人已接听但没有坐席及时接起的呼叫', capIs: '上限 {{cap}}，按 {{zone}} 计日', noLive: '尚无接听', ledger: { good: '在上限内', warn: '接近上限', bad: '超过上限' },
  span: { day: '自然日', '30d': '30 天区段', month: '自然月' }, watched: '仅展示，不强制', since: '自 {{day}}', liveAbandoned: '真人接听 {{live}} 次，放弃 {{abandoned}} 次', amdFalse: '误判为机器 {{n}} 次', room: '还可放弃 {{n}} 次', over: '超出 {{n}} 次', byDay: '每日放弃率', rate: '放弃率', cap: '上限',
  evidence: '证据包 {{from}} – {{to}}', noCampaigns: '没有外呼活动', noCampaignsHint: '未停止的外呼活动会显示在这里。',
  schedule: {
    add: '新建定时发送', edit: '定时发送', name: '名称', what: '报表', to: '发送到', next: '下次时间', last: '上次结果', every: '频率', at: '时间', weekday: '星期', way: '方式', format: '文件', language: '语言', enabled: '启用', off: '已停用', saved: '已保存', change: '修改', save: '保存',
    each: { day: '每天', week: '每周', month: '每月 1 日' }, ways: { mail: '邮件', webhook: '网络推送' }, target: { mail: '收件地址，用逗号分隔', webhook: '网络推送的名称' },
    period: { yesterday: '昨天', last_7_days: '最近 7 天', last_week: '上周', this_month: '本月至今', last_month: '上月' },
    state: { sent: '已发送', failed: '失败', unknown: '可能已发送', waiting: '发送中' }, dropAsk: '移除定时发送“{{name}}”？', dropHint: '之后不再发送。', empty: '还没有定时发送', emptyHint: '可让报表每天、每周或每月以文件形式自动发送。',
  },
};

export const costs = {
  tab: '成本', title: '成本与收入', hint: '报表中的金额由此计算。价格变动时请新增一行：之前的通话沿用原价格，历史报表以此处所写为准。本币种的成交销售按其金额计入收入。',
  empty: '尚未设置价格', emptyHint: '设置后报表才会显示该活动的金额。', currency: '币种', onlyRow: '价格', row: '价格 {{n}}', since: '起始时间', add: '添加价格', addLater: '添加之后的价格', remove: '移除价格 {{n}}',
  save: '保存价格', saved: '价格已保存', twice: '有两行的起始时间相同。',
  rate: { data: '数据', labour: '人工', call: '拨打', minute: '线路', commission: '提成', fulfilment: '履约', revenue: '收入' },
  per: { data: '每条新数据', labour: '坐席每小时', call: '每次拨打', minute: '每接通分钟', commission: '每次成功', fulfilment: '每次成功', revenue: '每次成功，无销售' },
};
