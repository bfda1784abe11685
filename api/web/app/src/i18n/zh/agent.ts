import type { agent as source } from '../en/agent';

export const agent: typeof source = {
  choose: {
    title: '选择外呼活动', hint: '签入后您的话机会振铃。请接听并保持接通，来话将直接接入。',
    none: '暂无可签入的外呼活动', noneHint: '需由班长启动活动，本页会自动刷新。',
    filter: '查找活动',
  },
  bar: {
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
    title: '联系人', localTime: '当地时间', callerID: '主叫号码', history: '历史记录',
    noHistory: '首次联系', by: '{{name}}', copy: '复制号码', copied: '已复制', noName: '未填姓名',
  },
  call: {
    reserved: '正在接入…', talking: '通话中', ended: '通话已结束', hangup: '挂断', gone: '通话已结束，无需填写结果：对方是语音信箱，或无人应答。', by: '挂断方：{{who}}',
  },
  script: {
    title: '话术', next: '继续', back: '上一步', end: '话术结束', endHint: '请选择通话结果。', none: '该活动没有话术',
    suggested: '建议结果：{{name}}', required: '请先作答。', step: '第 {{n}} 步', answer: '回答',
    broken: '话术中缺少这一步。',
  },
  result: {
    neverAgain: '不再呼叫此号码',
    title: '通话结果', note: '备注', notePlaceholder: '下一位同事需要了解什么？', save: '保存结果',
    offline: '已暂存在本机，连接恢复后自动提交。', afterCall: '通话结束后即可保存。',
    choose: '请选择结果', callbackAt: '回拨时间', calleeTime: '对方当地时间（{{zone}}）', yourTime: '您的时间：{{time}}', mine: '仅由我回拨',
    in15: '15 分钟后', in60: '1 小时后', tomorrow: '明天 10:00', past: '该时间已过。', needTime: '请选择时间。',
    orphanSaved: '上一通呼叫的结果已保存。', orphanFailed: '之前一通呼叫的结果未被接受：{{message}}',

  },
  tabs: { contact: '联系人', script: '话术', result: '结果', view: '视图' },
  keys: {
    ready: '就绪', notReady: '示忙', hangup: '挂断', digits: '选择结果', save: '保存结果', note: '填写备注', script: '继续话术',
    help: '查看快捷键', option: '选择答案',
  },
};
