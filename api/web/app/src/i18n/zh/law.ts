import type { law as source } from '../en/law';

export const law: typeof source = {
  find: {
    title: '联系人', placeholder: '号码、姓名、客户编号或 字段=值', list: '在所有名单中', key: '客户编号', listColumn: '名单', archived: '已归档',
    start: '在所有名单中查找联系人', startHint: '可输入任意写法的号码（开头或末四位）、姓名、客户编号，或“城市=上海”这样的字段。按 / 键定位到此处，按 ↓ 进入结果。',
    none: '没有符合的联系人', noneHint: '请减少文字、改用号码末四位，或换一个名单。', short: '请至少输入三位数字', tooWide: '符合的联系人过多', tooWideHint: '请输入更多文字或数字。',
    more: '符合的联系人多于显示的数量：请输入更多文字或数字。', indexing: '刚导入的联系人仍在加入搜索，可能暂时找不到。', count: '找到 {{n}} 位',
  },
  journey: {
    all: '全部', calls: '通话', agreed: '回拨', lawful: '同意与禁呼', others: '同号码的其他联系人', other: '其他联系人', older: '显示更早', nothing: '还没有此类记录', end: '已全部显示。',
    loaded: '加入名单', loadedFile: '由文件导入', open: '正在呼叫', consent: '给予同意', withdrawn: '撤回同意', dnc: '加入禁呼名单', for: '用途：{{purpose}}', until: '至 {{date}}', dueAt: '{{time}} 到期', anyone: '任意坐席', oneAgent: '指定坐席',
    evidence: '凭证', actions: '更多', erase: '删除此人', eraseAsk: '删除 {{name}} 的全部资料？',
    eraseReason: '由谁、以何种方式提出', keepCalls: '因法律要求，保留历史通话中的号码', eraseConfirm: '请输入该号码以继续', 
    places: '所在活动', untouched: '尚未呼叫', whyShort: '为什么？', noPlaces: '没有活动使用此名单。', consents: '同意', noConsents: '没有记录', list: '名单', key: '客户编号',
  },
  why: {
    tab: '原因', title: '为什么呼叫或不呼叫', now: '现在', campaign: '外呼活动', chooseCampaign: '选择外呼活动', noCampaign: '没有活动使用该联系人的名单', noCampaignHint: '将名单加入活动后，即可查看其规则的结论。',
    yes: '现在可以呼叫', yesHint: '没有任何限制，轮到时即会呼叫。', no: '现在不能呼叫', next: '按目前所知：{{time}} 起', nextHere: '对方当地时间 {{time}}', never: '仅靠等待不会改变。', act: '可以通过人工处理改变。', first: '首要原因',
    passed: '{{n}} 条规则允许呼叫', inTheWay: '限制因素（{{n}}）', permits: '允许', refuses: '禁止', from: '{{time}} 起允许', mark: '来源', again: '重新查询', at: '查询于 {{time}}', entries: '禁呼记录', registries: '登记名单', all: '已查询的全部规则',
    dialable: '现在有可以呼叫的联系人', dry: '现在无人可呼', nextContact: '{{time}} 可呼叫下一位联系人', dueNow: '已到时间', untouched: '从未呼叫', loaded: '已导入', nextDue: '下一位到期', histogram: '联系人现状与原因', judgedHint: '从未呼叫者的原因由随机抽取的 {{n}} 位推算。', estimated: '数量较多，按抽样估算。',
    exact: '逐一统计。', sum: '已导入 {{loaded}} = 各行之和。', ready: '可立即呼叫', opensAt: '{{time}} 起', zones: '各地可呼时段', zone: '时区', region: '地区', contacts: '联系人', hours: '时段', open: '现在可呼', closedUntil: '{{time}} 起', closed: '一年内均不可呼', noZones: '名单中没有联系人。', empty: '还没有联系人', emptyHint: '请为活动添加名单，或向其名单导入联系人。', more200: '仅显示最大的 200 组。',
  },
  registry: {
    tab: '登记名单', entries: '禁呼记录', consents: '同意记录', title: '国家与地区谢绝来电登记', add: '新建登记名单', name: '名称', region: '国家或地区', regionHint: '例如 US 或 US-FL', everyone: '所有活动均不得呼叫其号码', everyoneHint: '否则仅规则要求查询它的活动不得呼叫。', numbers: '号码数', asOf: '数据日期', age: '时效', never: '尚未载入',
    ageDays: '{{n}} 天', today: '今天', limit: '规则允许 {{n}} 天', tooOld: '已过期：需要它的活动不会拨号', soon: '请尽快载入新文件', fresh: '在有效期内', noLimit: '没有规则限制时效', load: '载入文件', loadTitle: '向“{{name}}”载入号码', file: '文件', fileHint: '每行一个号码，或 CSV（区号可单独成列）。新号码在同一时刻整体替换旧号码，在此之前仍查询旧号码。',
    day: '号码的数据日期', tolerate: '允许的无号码行数', shrink: '允许号码数不足原来一半的文件', begin: '载入', empty: '还没有登记名单', emptyHint: '为您持有的每个国家或地区名单建立一项，再载入其文件。美国等地的规则要求不超过 31 天。', loads: '文件', noLoads: '还没有载入过文件。',
    progress: '已读取 {{numbers}} 个号码', uploading: '正在上传文件', cancel: '停止载入', cancelled: '正在停止，原有号码保持不变。', remove: '移除', removeAsk: '移除登记名单“{{name}}”？', removeHint: '其号码将不再查询；需要它的活动在有新的名单前不会拨号。', removed: '登记名单已移除', created: '登记名单已建立，请载入文件。', bad: '无号码的行：{{n}}', line: '行', value: '内容', reason: '原因', accepted: '文件已收到，正在读取。', forAll: '所有活动', forSome: '按需查询', who: '适用范围',
    failed: {
      interrupted: '已中断：请重新载入文件，在此之前仍查询原有号码。', noNumber: '文件中没有号码。', shrunk: '文件中的号码不足原来的一半；如属实，请选择允许。', badLines: '文件中有的行没有号码：请更正，或设定允许的行数。', notText: '不是 UTF-8 文本文件：请另存为纯文本或 CSV。', column: '无法确定号码所在的列：请在首行将该列命名为 phone，或只保留号码列。', tooLarge: '文件过大，请拆分后分别载入。',
    },
  },
  suppress: {
    number: '号码', person: '个人', personKey: '客户编号', personHint: '联系人的客户编号：包括其全部号码以及以后导入的号码。', what: '对象', searchReason: '原因包含', file: '载入文件', fileTitle: '不再呼叫文件中的号码', region: '无国家代码号码所属国家', export: '导出', exportHint: '导出会记入审计日志。', more: '显示更多', person_entry: '个人 {{id}}', viaPerson: '属于 {{id}}',
    fileDone: '读取 {{numbers}} 个号码，新增 {{added}} 个，{{bad}} 行没有号码。', begin: '载入', removeReasonHint: '记入审计日志。', removeReason: '可以再次呼叫的原因', by: '添加人', again: '再载入一个文件', pick: '选择文件', shown: '已显示 {{n}} 条',
  },
  consent: {
    title: '同意记录', add: '登记同意', phone: '号码', person: '个人', purpose: '用途', purposeHint: '小写英文，例如 marketing', evidence: '凭证', evidenceHint: '说了或签了什么，以及在哪里可以查到', source: '给予的场合', given: '给予时间', until: '有效期', forever: '直至撤回', state: '状态', valid: '有效', ended: '已过期', withdrawn: '已撤回', later: '尚未生效', withdraw: '撤回', withdrawTitle: '撤回此项同意？', how: '对方如何表示撤回',
    withdrawHint: '记录会保留并标为已撤回，无法恢复，只能重新登记。', done: '同意已登记', known: '此项同意之前已登记。', withdrawnDone: '同意已撤回', validOnly: '仅显示当前有效', empty: '没有同意记录', emptyHint: '有些规则要求取得同意才能呼叫。在此登记谁、为何种用途给予同意，以及凭证。', none: '没有符合的同意记录', either: '请填写号码或个人。',
  },
  rules: {
    title: '规则', intro: '经审阅的规则数据，不构成法律意见。', packs: '规则包', reviewed: '审阅于 {{date}}', covers: '适用于 {{regions}}', count: '{{n}} 条规则', search: '查找规则', allKinds: '全部类型', allActivities: '全部用途', none: '没有符合的规则', where: '地区', everywhere: '规则包全部地区', activities: '适用', allOf: '所有呼叫', holds: '有效期', since: '自 {{date}}', upTo: '至 {{date}}', source: '来源', verified: '核实于 {{date}}', old: '核实于 {{date}}，已超过一年',
    markV: '直接查阅监管机构原文', markS: '查阅相关资料', checked: '每次呼叫前检查', watched: '由外呼节奏控制', people: '由人员保证', and: '和', empty: '没有规则包', page: '查看规则',
    say: {
      holidays: '{{calendars}} 节假日不呼叫', capNumber: '{{window}}内对同一号码最多 {{max}} 次', capPerson: '{{window}}内对同一人最多 {{max}} 次', pauseEver: '{{event}}后永不再呼', pauseWindow: '{{event}}后 {{window}}内不呼叫', pauseDays: '{{event}}后 {{n}} 天内不呼叫（含当天）', unlessAgent: '拨号前已有坐席的除外',
      ring: '至少振铃 {{n}} 秒', consent: '须取得同意', registry: '登记名单 {{region}}，不超过 {{n}} 天', callerID: '须显示主叫号码', share: '{{block}}内呼损不超过 {{share}}', within: '{{n}} 秒内须有坐席或提示音', keep: '记录保存 {{window}}', conduct: '人员的言行',
    },
    event: { refusal: '拒绝来电', conversation: '通话', abandoned: '呼损' }, days: '{{n}} 天', hoursN: '{{n}} 小时', years: '{{n}} 年', minutes: '{{n}} 分钟', closedDay: '不呼叫',
    try: '试一试', tryHint: '查看规则的结论，不会呼叫任何人。', tryPhone: '号码', tryAt: '时刻', tryAtHint: '留空表示现在', tryAgent: '拨号前已有坐席', tryConsent: '已取得同意', ask: '查询', permit: '可以呼叫', forbid: '不能呼叫', lawful: '{{time}} 起合法', place: '{{region}}，{{zones}}', address: '居住地',
  },
  law: {
    section: '法规', hint: '自定规则只能更严：以最严格者为准。', packs: '规则包', packsAuto: '按名单所属国家', packsNone: '特意不用规则包：仅检查本活动的规则，由我对合法性负责。', activity: '呼叫用途', purpose: '同意的用途', purposeHint: '填写后，每位联系人须已就此用途给予同意。', registries: '必须具备的登记名单', addRegistry: '添加登记名单', region: '国家或地区', maxAge: '不超过', own: '自定规则', addRule: '添加规则', removeRule: '移除此规则', kind: '规则', where: '仅限地区（留空为全部）', whereHint: '例如 US-FL', ruleTitle: '名称', max: '最多次数',
    window: '时间窗', scope: '计数对象', perNumber: '号码', perPerson: '个人', after: '在此之后', pauseDays: '不呼叫', ever: '永不再呼', from: '可呼自', to: '至', everyDay: '日期',
    source: '来源与理由', sourceHint: '合同、法规，或由谁决定', lift: '可对下列人例外', liftHint: '不选则对所有人适用。例外须由人登记并附凭证。', liftNever: '此类规则对所有人适用，不得例外。',
    ground: { consent: '对此明确表示同意者', relationship: '现有客户' },
  },
  chances: {
    title: '接听概率：预测与实际', few: '呼叫还太少，无法判断概率的好坏：目前 {{n}} 通。', good: '概率能够区分联系人：比对所有人一律使用接听率 {{rate}} 好 {{skill}}，概率与实际的平均差距为 {{off}}。',
    flat: '概率可信，但几乎不能区分联系人：仅比接听率 {{rate}} 好 {{skill}}。在此按概率排序收益很小。', bad: '目前概率还不如直接使用接听率 {{rate}}：在学到更多之前，请勿按概率排序。', skewed: '概率能够区分联系人（比接听率 {{rate}} 好 {{skill}}），但平均偏差 {{off}}：宜作排序依据，不宜当作比例。',
    recent: '最近 5,000 通', all: '全部呼叫', dialled: '拨号时的概率', brier: 'Brier 分数', base: '仅用接听率的 Brier 分数', off: '平均差距', calls: '呼叫', rate: '接听率', plot: '预测概率与实际接听', given: '预测概率', came: '实际接听', ideal: '完全一致', counts: '各概率的呼叫数', count: '呼叫数', brierHint: '（概率 − 结果）² 的平均值，越小越好。', none: '还没有学到内容', noneHint: '该活动有呼叫结束后即会显示。', updated: '学习截至 {{time}}',
  },
};
