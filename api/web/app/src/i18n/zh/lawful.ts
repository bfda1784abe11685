import type { lawful as source } from '../en/lawful';

export const lawful: typeof source = {
  override: {
    tab: '规则例外', add: '登记例外', addTitle: '使某人不受一条规则约束', intro: '例外由人决定，在一段时间内使一条规则对一个号码或联系人不适用。只有法律承认此类依据的规则才能例外；禁呼名单与其他规则照常适用。每项例外都记入审计日志。',
    whom: '对象', thisNumber: '仅此号码', thisContact: '该联系人的全部号码', phone: '号码', rule: '规则', ruleHint: '未列出的规则对所有人适用。', noRules: '没有可以例外的规则。', ground: '依据', consent: '对方对此明确表示同意', relationship: '按法律定义，对方是现有客户',
    campaign: '外呼活动', everywhere: '所有活动', campaignHint: '选择活动后，可对该活动的自定规则登记例外。', ownRules: '“{{name}}”的自定规则', why: '凭证', whyHint: '同意或购买了什么、在何时、在哪里可以查到。', until: '有效期至', untilHint: '最长一年，到期须由人重新审核。', done: '例外已登记，立即生效。', search: '号码开头', allNumbers: '全部号码',
    contact: '联系人', state: '状态', valid: '有效', over: '已过期', ended: '已提前结束', since: '开始', by: '登记人', end: '结束', endTitle: '现在结束这项例外？', endHint: '规则立即恢复适用。例外仍保留在列表与审计日志中。', endReason: '结束的原因', endDone: '例外已结束，规则恢复适用。',
    empty: '没有例外', emptyHint: '每条规则对所有人适用。有人明确同意来电，或按法律定义是现有客户时，请在此登记。', none: '没有符合的例外', validOnly: '仅显示当前有效', allRules: '全部规则', lifted: '因例外不适用，至 {{time}}', lift: '为此规则登记例外', byRule: '可对单个号码例外：{{grounds}}', untilPast: '请选择今天起一年内的日期。',
  },
  needs: {
    title: '规则要求的登记名单', region: '登记名单所属', by: '提出要求者', most: '时效上限', loaded: '已载入', state: '状态', stops: '当前受阻', missing: '尚未建立', ownDemand: '活动自身的要求', unused: '目前没有活动需要', days: '{{n}} 天', until: '有效至 {{date}}', nothing: '无',
    numbers: '{{n}} 个号码', numbersWait: '{{region}} 的号码不会呼叫', everybodyWaits: '不会呼叫任何人', more: '另有 {{n}} 个', none: '没有规则或活动要求登记名单。', make: '新建', sales: '用于{{activities}}', hint: '载入更新的文件后，受阻的呼叫会自动继续。',
  },
  coverage: {
    title: '覆盖范围', all: '{{region}} 全境', change: '更改覆盖范围', ask: '“{{name}}”涵盖哪些号码？', label: '地区、号码开头或区号', hint: '例如 US-FL、+1212 或 212。留空表示 {{region}} 全境。规则要求此登记名单时，范围以外的号码不会呼叫。', save: '保存', saved: '覆盖范围已保存', wrong: '“{{value}}”既不是 {{region}} 内的地区，也不是号码开头。', more: '另有 {{n}} 项',
  },
  consentFile: {
    button: '载入文件', title: '从文件载入同意记录', file: '文件', fileHint: 'CSV、TSV 或 Excel。首行为列名：phone（电话）或 key（客户编号），以及 purpose（用途）、evidence（凭证）、source（来源）、given_at（同意时间）、until（有效期至）。重复载入同一文件没有影响。', region: '无国家代码号码所属国家', rest: '用于未注明的行', begin: '载入',
    sending: '正在上传：{{share}}', reading: '文件已收到，正在读取，请稍候。', done: '读取 {{rows}} 行：新增同意 {{added}} 项，已有 {{known}} 项，未接受 {{rejected}} 行。', noneRejected: '所有行均已接受。', rejected: '未接受的行', first: '此处显示前 {{n}} 行，文件中包含全部。', download: '将全部 {{n}} 行存为文件', mend: '在该文件中更正后重新载入即可，已接受的记录会自动识别。', column: '列', says: '问题',
  },
  person: {
    file: '此人的全部资料（ZIP）', making: '正在生成文件，已有 {{size}}', done: '文件已保存，并记入审计日志。', stop: '停止',
    keeps: '保留的内容', deletes: '删除的内容', deletesList: '所有名单与活动中的姓名、号码、客户编号、字段、标签、备注与话术答案。未完成的回拨取消，同意与例外终止；通话录音连同文件一并删除。',
    staysHash: '每个号码的哈希值，以确保不再呼叫、不再导入', staysCalls: '通话及其结果（不含号码），使报表数字保持一致', staysCallsNumbers: '通话及其结果与号码（按您的选择保留）', staysConsents: '同意的用途与日期（不含号码与文字）', staysAudit: '审计日志（不可更改），此后仅以哈希值指代此人', staysRecordings: '通话录音（按您的选择保留）',
    staysRejects: '已导入文件中号码无法识别的被拒绝行', keepRecordings: '因法律要求，保留历史通话的录音',
    erased: '此人的资料已删除', erasedCounts: '已完成', contacts: '已清空的联系人', numbers: '永久禁呼的号码', attempts: '已去除号码的通话', notes: '已清空的备注', answers: '已删除的答案', consents: '已清空的同意', dnc: '由哈希值取代的禁呼记录', overrides: '已结束的例外', recordings: '已删除的录音', kept: '保留的录音：{{n}} 段', again: '号码已禁呼，但其后的部分未完成。请再次提交以完成删除。',
  },
};
