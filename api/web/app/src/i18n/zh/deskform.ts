import type { deskform as source, unsaved as unsavedSource } from '../en/deskform';

export const unsaved: typeof unsavedSource = {
  title: '不保存就离开？', hint: '此页的更改尚未保存。', leave: '不保存，离开',
};

export const deskform: typeof source = {
  title: '坐席工作台', hint: '均可不填；收起的栏目显示当前设置。',
  section: { wrapUp: '话后整理', callbacks: '回拨与后续事项', preview: '预览', inbound: '来电', pauses: '小休', contact: '联系人字段与客户系统' },
  mode: {
    required: '超时未填结果：通话无结果，坐席转为小休。', optional: '坐席可以不填结果继续。',
    timed: '超时未填结果：通话无结果，坐席继续接下一个。', timed_auto: '超时后通话自动取下方的结果，坐席继续接下一个。',
  },
  wrapUpMode: '通话之后', auto: '到时自动给出的结果', more: '可要求延时的次数', extra: '每次延长',
  callbackWait: '本人回拨等待其坐席', remind: '提前提醒', callbackHint: '之后由活动的任意坐席处理。', keep: '本人回拨一直等待其坐席', keepHint: '账号停用时除外。',
  followUps: '任何结果都可填写后续事项', followUpsHint: '否则仅限写明后续类型的结果。',
  previewSeconds: '查看联系人的时间', previewField: '有此字段的联系人一律先预览', previewHint: '该字段有值的联系人，无论何种模式都先显示；超时后改派其他坐席。', skip: '坐席可以跳过联系人',
  reasons: '跳过原因', reasonsHint: '不填则由坐席自行填写。', tagHint: '输入后按回车', skipAfter: '跳过的联系人再次出现于',
  inbound: '接听打到主叫号码的来电', inboundHint: '仅限活动联系人的号码；优先转给上次通话的坐席。', inboundWait: '最长等待坐席', queue: '最多等待人数', blend: '预留坐席', blendHint: '按已登录坐席的比例（向上取整）预留，不用于外呼。',
  reason: '小休原因', perDay: '每日分钟数', addPause: '添加限制', pauseHint: '按坐席每日计算；超出后显示为超时。', block: '用完的原因当日不可再选',
  editFields: '坐席可修改的字段', editHint: '结果要求的字段始终可以填写。',
  crm: '客户系统网址', crmHint: '坐席在新标签页中打开；占位符会填入并转义。', crmPreview: '例如：', holes: '占位符', fieldHole: '字段',
  flags: '通话说明', required: '必填字段', followUp: '后续类型', followUpExample: '例如 send_letter', moreOf: '结果的更多设置', asksFields: '字段：{{n}}', asksFollowUp: '后续',
  head: { key: '按键', code: '代码', label: '名称（英文）', labelZH: '名称（中文）', effect: '之后', means: '含义' }, keysHint: '前九个可用数字键选择，按键顺序即此处的顺序。',
  sumMore: '可延时 {{n}} 次，每次 {{extra}}', sumKept: '本人回拨一直保留', sumWait: '本人回拨保留 {{wait}}', sumRemind: '提前 {{time}} 提醒', sumSkip: '可跳过', sumNoSkip: '不可跳过', sumField: '有“{{name}}”的一律预览',
  sumInbound: '接听，最多 {{n}} 人等待，每人最长 {{wait}}', sumBlend: '预留 {{share}}% 的坐席', sumNotAnswered: '不接听打到主叫号码的来电', sumPauses: '限制：{{n}} 项', sumBlocked: '用完即不可选', sumNoLimits: '无限制', sumFields: '可修改字段：{{n}} 个', sumCrm: '已关联客户系统', sumNoCrm: '未关联客户系统',
  newer: '此活动刚被他人保存', newerHint: '您的更改仍在此处。可载入已保存的内容（放弃您的更改），或保留您的更改（保存时将取代对方的更改）。', takeTheirs: '载入已保存的内容', keepMine: '保留我的更改',
};
