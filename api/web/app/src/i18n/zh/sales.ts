export const sales = {
  title: '销售', sale: '销售记录', create: '登记销售', saved: '销售记录已保存', save: '保存', what: '内容', stage: '阶段', amount: '金额', currency: '币种', followUp: '跟进时间', owner: '负责人', note: '备注', contact: '联系人', campaign: '外呼活动', created: '登记时间', history: '变更记录', view: '显示范围', more: '更多', late: '已逾期',
  all: '全部', due: '待跟进', kind: { open: '进行中', won: '成交', lost: '失败' }, everywhere: '全部活动',
  none: '暂无销售记录', noneHint: '坐席在通话旁登记由该通话促成的销售。',
  stages: '阶段', stagesHint: '按此顺序排列。删除阶段后，已处于该阶段的销售保持不变。没有自有阶段的活动使用通用阶段。', nameEN: '英文名称', nameZH: '中文名称', result: '计为', up: '上移', down: '下移', addStage: '添加阶段', stagesSaved: '阶段已保存',
};
