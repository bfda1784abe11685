import type { agent as source } from '../en/agent';

export const agent: typeof source = {
  choose: {
    title: '选择外呼活动', hint: '签入后您的话机会振铃。请接听并保持接通，来话将直接接入。',
    none: '暂无可签入的外呼活动', noneHint: '需由班长启动活动，本页会自动刷新。',
    filter: '查找活动',
  },
  bar: {
    nextPause: '之后：{{reason}}', noPause: '通话后不暂停', reasonAfter: '本次通话之后', pauseLeft: '今日该项剩余', pauseOver: '该项已超时', leftOf: '剩余 {{time}}', over: '超出 {{time}}',
    ready: '就绪', notReady: '示忙', reason: '原因', logout: '签出', leftBefore: '剩余', leftAfter: '',
    leaving: '处理完在途呼叫后示忙', today: '今日', calls: '通话', talk: '通话时长', successes: '成功',
    phoneHelp: '请先接听话机，再切换为就绪。', logoutAsk: '确定签出“{{name}}”？', state: '您的状态',
  },
  idle: {
    ready: '等待下一通呼叫', readyHint: '接通前会先显示联系人资料。',
    notReady: '您当前为示忙', notReadyHint: '准备好后请点“就绪”。', phone: '您的话机未接通',
    phoneHint: '话机振铃时请接听，系统会持续呼叫。',
  },
  contact: {
    crm: '在 CRM 中打开', edit: '修改{{name}}', handed: '由 {{name}} 转给您', handedWarm: '{{name}} 请您加入',
    title: '联系人', localTime: '当地时间', callerID: '主叫号码', history: '历史记录',
    noHistory: '首次联系', by: '{{name}}', copy: '复制号码', copied: '已复制', noName: '未填姓名',
  },
  call: {
    dialing: '正在拨号…', ringing: '正在振铃…',
    reserved: '正在接入…', talking: '通话中', ended: '通话已结束', hangup: '挂断', gone: '通话已结束，无需填写结果：对方是语音信箱，或无人应答。', by: '挂断方：{{who}}',
  },
  script: {
    objections: '异议处理', jump: '跳转', return: '回到话术', read: '我已向对方宣读', unread: '请先宣读并勾选以上说明。', mandatory: '必答', progress: '话术进度', resume: '沿用这些答案', earlier: '{{when}} 的通话中已有 {{count}} 个答案',
    title: '话术', next: '继续', back: '上一步', end: '话术结束', endHint: '请选择通话结果。', none: '该活动没有话术',
    suggested: '建议结果：{{name}}', required: '请先作答。', step: '第 {{n}} 步', answer: '回答',
    broken: '话术中缺少这一步。',
  },
  result: {
    followUp: '后续跟进', needField: '请填写：{{name}}',
    neverAgain: '不再呼叫此号码',
    title: '通话结果', note: '备注', notePlaceholder: '下一位同事需要了解什么？', save: '保存结果',
    offline: '已暂存在本机，连接恢复后自动提交。', afterCall: '通话结束后即可保存。',
    choose: '请选择结果', callbackAt: '回拨时间', calleeTime: '对方当地时间（{{zone}}）', yourTime: '您的时间：{{time}}', mine: '仅由我回拨',
    in15: '15 分钟后', in60: '1 小时后', tomorrow: '明天 10:00', past: '该时间已过。', needTime: '请选择时间。',
    orphanSaved: '上一通呼叫的结果已保存。', orphanFailed: '之前一通呼叫的结果未被接受：{{message}}',

  },
  tabs: { contact: '联系人', script: '话术', result: '结果', view: '视图' },
  keys: {
    title: '快捷键', change: '更改', changeOf: '更改快捷键：{{name}}', press: '请按键', taken: '{{key}} 已被占用。', reset: '恢复默认',
    ready: '就绪', notReady: '示忙', hangup: '挂断', digits: '选择结果', save: '保存结果', note: '填写备注', script: '继续话术',
    help: '查看快捷键', option: '选择答案', single: '单键快捷键', singleHint: '关闭后只有带 Ctrl 或 Alt 的按键有效，适合语音输入和单手操作。',
  },
  talk: {
    title: '通话', hold: '保持', resume: '恢复', mute: '静音', unmute: '取消静音', keypad: '拨号盘', digits: '已发送的按键', transfer: '转接', park: '驻留', retrieve: '取回', complete: '完成转接', three: '三方通话', leave: '退出三方', cancel: '挂断第三方', held: '已保持：客户听到音乐', muted: '您已静音', parked: '已驻留：客户听到音乐', consulted: '同事请您加入', back: '恢复倒计时', parkedBy: '由 {{name}} 驻留',
    with: { ringing: '正在呼叫 {{name}}…', talking: '正在与 {{name}} 通话，客户听到音乐', three: '与 {{name}} 三方通话' },
  },
  transfer: {
    title: '转接通话', to: '转给', agent: '坐席', queue: '队列', outside: '外部号码', find: '查找', note: '给接手人的备注', blind: '直接转接', warm: '先咨询', close: '关闭', free: '{{count}} 人空闲', nobody: '没有可选对象', noOutside: '该活动没有允许的外部号码',
  },
  preview: {
    call: '呼叫', skip: '跳过', why: '跳过原因', forced: '该联系人须先预览再呼叫',
  },
  dial: {
    number: '拨打名单中的号码', call: '拨打',
  },
  reminder: {
    title: '回拨', anyone: '共享', take: '由我回拨', soon: '{{time}} 回拨', late: '应于 {{time}} 回拨', call: '现在回拨', more: '还有 {{count}} 个',
  },
  wrapUp: {
    more: '延长时间', moreLeft: '延长时间（{{count}}）', auto: '时间到后自动选择：{{name}}', without: '不填结果继续',
  },
  day: {
    you: '您', team: '{{count}} 名坐席平均', mean: '平均通话', conversion: '转化率', idle: '等待', wrapUp: '话后处理', pause: '暂停',
  },
  say: {
    pop: '新通话：{{name}}', inbound: '{{name}} 来电', talking: '正在与 {{name}} 通话', resumed: '客户可以听到您', left: '还剩 {{seconds}} 秒',
  },
};
