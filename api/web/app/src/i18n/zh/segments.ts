import type { segments as source } from '../en/segments';

export const segments: typeof source = {
  title: '分群', segment: '分群', create: '新建分群', sets: '互斥分组', createSet: '新建互斥分组', find: '查找分群', empty: '还没有分群', emptyHint: '分群是保存的筛选条件：现在和将来符合条件的联系人都属于它。', noMatch: '没有符合条件的分群', save: '保存', saved: '已保存。',
  lists: '名单', allLists: '所有名单', zone: '日期所用时区', who: '包含哪些联系人', writeAs: '条件写法', asForm: '表单', asText: '文本', text: '条件', tooMuch: '此条件无法用表单表示，请用文本编辑。', broken: '条件中的某个字段已不在名单里，请修改条件。',
  help: '示例', insertField: '插入字段', everyone: '没有条件时包含所有联系人。', joinBy: '符合方式', all: '满足全部条件', any: '满足任一条件', addCondition: '添加条件', removeCondition: '移除条件 {{n}}',
  field: '字段', operator: '比较方式', value: '值', and: '至', yes: '是', no: '否', enterEach: '每个值后按回车', valueKind: '日期类型', ago: '之前', ahead: '之后', period: '时段', date: '日期', unit: '单位', groupContact: '联系人', groupHistory: '历史', groupAnswers: '话术回答', groupFields: '名单字段',
  ofAll: '共 {{n}} 人（{{share}}）', notCounted: '未统计', countExactly: '精确统计', removeAsk: '删除“{{name}}”？', removeHint: '联系人不受影响；外呼活动或互斥分组正在使用的分群不能删除。', removeSetHint: '其中的分群保留。', conflict: '现在是“{{name}}”，条件为 {{filter}}。您的输入已保留：请加载最新内容后重新保存。',
  noSets: '还没有互斥分组', noSetsHint: '互斥分组声明各分群互不重叠：每位联系人只属于一个分群。检查会显示重叠与遗漏。', check: '检查结果', checkNow: '立即检查', checking: '正在逐一检查联系人，百万量级可能需要几分钟。', checkedAt: '检查时间', checkedLong: '检查于 {{time}}。', neverChecked: '未检查', sound: '没有重叠', overlapping: '有重叠',
  addSegment: '添加分群', ordered: '允许重叠：联系人归第一个符合的分群', orderedLong: '不勾选则声明各分群互不重叠，重叠即为错误。', orderedHint: '每位联系人属于第一个符合的分群。', disjointHint: '修正之前，重叠的联系人计入靠前的分群。',
  has: '拥有', fits: '符合条件', rest: '不属于任何分群（遗漏）', sum: '全部联系人', overlaps: '重叠', example1: '示例 {{n}}',
};
