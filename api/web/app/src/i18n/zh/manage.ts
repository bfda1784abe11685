import type { manage as source } from '../en/manage';

export const manage: typeof source = {
  board: {
    title: '实时监控', waitingShort: '等待', ready: '就绪', talking: '通话中', wrapUp: '话后处理', notReady: '示忙', inFlight: '拨号中', waiting: '等待坐席',
    abandonRate: '呼损率', live: '真人接听', campaigns: '外呼活动', agents: '坐席', calls: '当前呼叫', trunks: '中继', mode: '模式', limit: '受限于', abandoned: '呼损',
    target: '目标 {{value}}', state: '状态', time: '时长', campaign: '外呼活动', contact: '联系人',
    noAgents: '没有坐席签入', noCalls: '当前没有呼叫', noCampaigns: '没有运行或暂停的外呼活动', noMatch: '没有符合条件的坐席',
    search: '查找坐席', all: '全部状态', number: '号码', agent: '坐席', chart: '最近十分钟', dials: '拨出', answers: '接听', noTraffic: '开始拨号后显示曲线。',
    start: '启动', pause: '暂停', drain: '收尾', stopCampaign: '停止', stopAsk: '停止“{{name}}”？', stopHint: '振铃中的呼叫将撤回，通话继续。', channels: '通道', up: '正常', down: '离线',
    actions: '操作', sort: '排序', byState: '按状态', byName: '按姓名', byTime: '按时长',
  },
  campaigns: {
    waitingFor: '等待原因', finishedBy: '完成原因',
    title: '外呼活动', create: '新建活动', empty: '还没有外呼活动', emptyHint: '活动需要名单和中继。', basics: '基本信息', dialing: '拨号', hours: '可呼时段', rules: '拨打次数与重拨',
    results: '坐席可选结果', talk: '通话', list: '名单', trunk: '中继', callerID: '主叫号码', callerIDHint: '显示给对方；国际格式，例如 +861066668888', mode: '模式',
    modeProgressive: '每位就绪坐席对应一通呼叫，接听者无需等待。', modePower: '在呼损率目标允许时，拨出多于就绪坐席数的呼叫。', modePreview: '坐席先看到联系人资料，未经坐席不会呼叫。', modePredictive: '预测谁会接听、谁将空闲，在呼损率目标内拨出尽可能多的呼叫。',
    pacing: '拨号节奏细节', pacingHint: '以下均可不填。', caution: '呼损率目标的遵守方式', cautionWindow: '在每个法定窗口结束时达标；窗口开始时的小额透支会在窗口内补回。', cautionStrict: '从第一通呼叫起每时每刻都达标；小团队起步会较慢。', windows: '法定窗口', zone: '按此时区划分日期',
    aim: '调节目标', aimAbandonment: '呼损率目标允许多少就拨多少。', aimOccupancy: '使坐席在此比例的时间内忙碌；呼损率目标仍然有效。', aimWait: '使坐席两次通话之间平均等待这么久；呼损率目标仍然有效。', aimValueOccupancy: '占用率', aimValueWait: '通话间隔',
    maxOccupancy: '占用率上限', maxLines: '线路上限', maxLinesNone: '以中继为准', inOrder: '保持名单顺序', inOrderHint: '否则在坐席不超过十人时，等待中的坐席会优先得到后续联系人中最可能接听的人。您设定的排序始终保持。', weight: '中继权重', weightHint: '多个活动争用线路时，按权重分配。', ratio: '每位就绪坐席的呼叫数', ringTimeout: '振铃时长', maxAttempts: '每位联系人拨打次数',
    capMax: '每个号码最多呼叫', capWindow: '时间窗', capHint: '0 表示不限；跨所有活动计数。', hoursHint: '按对方所在时区；时段可跨午夜。', addSpan: '添加时段', copyDown: '复制到之后各天', closed: '不呼叫', presetWork: '周一至周五 9–18 点',
    presetWide: '周一至周六 9–20 点', presetAlways: '全天候', recycle: '按结果重拨', outcome: '结果', after: '间隔', limit: '次数', recycleHint: '0 次表示该联系人结束。', script: '话术', noScript: '无话术', version: '版本 {{n}}',
    amd: '答录机检测', amdHint: '与坐席并行时对方听不到静音；接坐席之前检测会有 1.6 秒静音。', target: '呼损率目标', answerWait: '接听后最长等待',
    message: '无坐席时播放的提示音', wrapUp: '话后处理时长', code: '代码', label: '名称（英文）', labelZH: '名称（中文）', effect: '后续处理', addResult: '添加结果', removeResult: '移除此结果', save: '保存活动', saved: '活动已保存',
    progress: '联系人', attempts: '拨打结果分布', noAttempts: '尚未拨打', live: '真人接听', abandonRate: '呼损率', check: '请检查标出的字段。', settings: '设置', overview: '概览', from: '从', to: '到',
    moveUp: '上移', moveDown: '下移', unsaved: '有未保存的更改', excludedWhy: '排除原因', noTrunk: '还没有中继，请联系管理员添加。', noLists: '还没有名单，请先新建。', spanOf: '{{day}}，第 {{n}} 段',

  },
  calls: {
    title: '通话与录音', attempts: '通话', recordings: '录音', campaign: '外呼活动', number: '号码', contact: '联系人', when: '时间', outcome: '呼叫结果', agent: '坐席', ring: '振铃', talk: '通话', result: '登记结果', play: '播放',
    empty: '还没有通话', emptyHint: '活动开始拨号后会显示在这里。', noRecordings: '还没有录音', noRecordingsHint: '在活动设置中开启录音。', searchNumber: '号码', duration: '时长', player: '播放器',
    audit: '播放会记入审计日志。', playFailed: '该录音无法播放。', newest: '回到最新', older: '更早',
  },
  contact: {
    blocked: '已在禁呼名单', tries: '已拨 {{n}} 次',
    title: '联系人', list: '名单', zones: '可能的时区', attempts: '通话', callbacks: '回拨', noAttempts: '从未呼叫', due: '{{time}} 到期', journey: '联系记录', open: '待办', done: '完成', cancelled: '已取消', note: '备注', result: '登记结果',
    callback: '约定回拨', addDNC: '加入禁呼', dncAsk: '不再呼叫 {{phone}}？', sip: 'SIP {{code}}',
  },
  users: {
    title: '用户', create: '新建用户', login: '用户名', loginHint: '小写字母、数字及 . _ -', role: '角色', endpoint: '话机（SIP 终端）', endpointHint: '交换机中的名称，不含 PJSIP/', phoneKind: '话机', phoneKindHint: '网页电话：坐席只需浏览器和耳麦', changePhone: '更改 {{name}} 的话机', savePhone: '保存', phoneChanged: '已更改 {{name}} 的话机，下次签入外呼活动时生效', language: '语言', password: '密码', passwordHint: '至少 8 个字符', disabled: '已停用', created: '已创建用户 {{name}}', search: '姓名或用户名', empty: '没有用户', administration: '系统管理',
  },
  trunks: {
    title: '中继', create: '新建中继', edit: '更改中继 {{name}}', save: '保存', created: '已创建中继 {{name}}', changed: '已更改中继 {{name}}，运行中的活动将在一秒内生效', search: '名称或终端',
    endpoint: 'SIP 终端', endpointHint: 'pjsip.conf 中的段名，例如 carrier：字母、数字、_ 和 -', channels: '线路数', channelsHint: '运营商允许的同时呼叫数', cps: '每秒呼叫数', cpsHint: '运营商允许的每秒新呼叫数', cpsRange: '须大于 0 且不超过 1000',
    empty: '还没有中继', emptyHint: '中继是通往运营商的线路。外呼活动需要中继才能呼叫。',
  },
  dnc: {
    title: '禁呼名单', add: '添加号码', phone: '号码', reason: '原因', campaign: '适用范围', everywhere: '所有活动', until: '截止', forever: '永久', added: '添加时间', empty: '没有号码', emptyHint: '名单中的号码不会被拨打，正在振铃的呼叫会立即撤回。', search: '查找号码',
    done: '不会再呼叫 {{phone}}。', removed: '可再次呼叫 {{phone}}。', removeAsk: '将 {{phone}} 移出名单？', removeHint: '外呼活动可能立即再次呼叫该号码。', reasonDefault: '对方要求勿扰', noMatch: '该号码不在名单中',
  },
  day: { mon: '周一', tue: '周二', wed: '周三', thu: '周四', fri: '周五', sat: '周六', sun: '周日' },
};
