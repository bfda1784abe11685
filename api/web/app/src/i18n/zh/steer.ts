import type { steer as source } from '../en/steer';

export const steer: typeof source = {
  tab: '名单与坐席', order: '拨打顺序', by: '下一位联系人', field: '字段', type: '比较方式', direction: '方向', up: '从小到大', down: '从大到小', seed: '随机序号', seedHint: '换一个序号即换一种顺序。', shuffle: '重新打乱',
  lists: '多个名单', inTurn: '依次拨打', together: '合并排序', mix: '按权重', inTurnHint: '先拨完第一个名单，再拨下一个。', togetherHint: '所有名单的联系人统一排序。', mixHint: '每个名单按权重占呼叫份额，名单内部仍按上述顺序。', weight: '权重',
  first: '回拨最优先，其次是新加入的加急联系人，然后是到期重拨的联系人。', ready: '顺序已就绪：{{total}} 位联系人已排好。', building: '正在排序：{{total}} 位中已排好 {{placed}} 位；完成前按原顺序拨打。',
  limits: '拨打次数限制', limit: '限制', addLimit: '添加限制', limitsHint: '所有限制与法规规则同时生效；自然日按对方所在地计算。', perContact: '每位联系人', perNumber: '每个号码（跨所有活动）', perDay: '每个自然日', inDays: '任意若干天内', inHours: '任意若干小时内',
  nextPhone: '换号', nextPhoneHint: '换号：重拨时依次改用该联系人的其他号码。',
  whoTitle: '呼叫范围', who: '仅呼叫', whoHint: '细分群体，或互斥分组中的部分；属于其中任意一个即会被呼叫。留空表示名单中的全部联系人。', setNamed: '分组：{{name}}', segmentsSaved: '已保存；先前跳过的联系人会重新检查。',
  assignments: '名单与负责坐席', assignHint: '未分配的名单由所有坐席拨打；已分配的名单仅在其坐席空闲时拨打。', noLists: '活动还没有名单，请在设置中添加。', everybody: '活动的所有坐席', assign: '分配', change: '更改', open: '已分配', paused: '已暂停', teamNamed: '班组 {{name}}', andMore: '另有 {{n}} 个',
  assignTitle: '“{{name}}”由谁拨打', teams: '班组', agents: '坐席', noTeams: '没有这个班组', pause: '暂停', pauseHint: '此活动暂时不拨打这些联系人。',
  segmentAssignments: '细分与负责坐席', assignSegment: '分配细分', assignSegmentHint: '活动联系人中当前或以后符合该细分的，仅在这些坐席空闲时拨打；优先于名单的分配。', noSegments: '还没有将细分分配给特定坐席。', tooMany: '人数太多，此处不逐一统计。',
  assigned: '已分配。', giveBack: '收回', giveBackHint: '收回后由活动的所有坐席拨打：', givenBack: '这些联系人恢复由所有坐席拨打。',
  newTeam: '新建班组', changeTeam: '修改班组', members: '成员', nobody: '暂无成员', teamSaved: '班组 {{name}} 已保存', noTeamsHint: '还没有班组。班组是一组坐席，可将名单分配给班组。', askForTeams: '还没有班组，由班长创建；也可将名单分配给单个坐席。', removeTeamHint: '已分配名单的班组不能移除。',
  tag: '打标签', tags: '标签', tagTitle: '为 {{n}} 位联系人打标签', tagSegmentTitle: '为符合“{{name}}”的联系人打标签', tagSegmentHint: '当前符合条件的联系人会在后台按名单逐一处理；以后才符合的不受影响。', tagAdd: '添加标签', tagRemove: '去除标签', tagHint: '输入后按回车', tagged: '已更改 {{n}} 位联系人', tagBegun: '已开始处理，进度显示在各名单页面。', tagNobody: '没有可处理的联系人。',
  pick: '选择 {{name}}', pickAll: '选择显示的全部', picked: '已选 {{n}} 位', unpick: '取消选择', editTags: '修改标签', noTags: '无', tagsSaved: '标签已保存',
};
