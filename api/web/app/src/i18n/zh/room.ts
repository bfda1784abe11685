export const room = {
  level: {
    idle: '空闲', longTalk: '通话过长', longWrapUp: '话后过长', longPause: '暂停过长', pauseOver: '暂停超限', nearCap: '接近上限', overCap: '超过上限', callersWait: '有人等待',
    empty: '空名单', finished: '已拨完', waiting: '全部待拨', hours: '非拨打时段', rules: '规则限制', trunkOpen: '故障，暂停使用', trunkFails: '失败偏多',
  },
  trunks: '中继', trunk: '中继', lines: '线路', rate: '每秒呼叫', failures: '5 分钟失败', trunkState: '状态', noTrunks: '没有使用中的中继。',
  lists: '名单', list: '名单', now: '现可拨', later: '稍后', inFlight: '呼叫中', finishedOf: '已完成', excluded: '已排除', weight: '权重', callable: '可拨', noLists: '没有活动使用名单。', next: '下次 {{time}}',
  view: { team: '团队', allTeams: '全部团队', plain: '默认视图', mine: '我的视图', shared: '他人共享', edit: '视图', title: '看板显示方式', panels: '板块', columns: '坐席列', order: '坐席排序', worst: '最需关注在前', thresholds: '何时变色', thresholdsHint: '各有两级：需留意、严重。颜色旁的文字说明原因。', name: '视图名称', share: '允许他人使用', saveNew: '另存为新视图', save: '保存', remove: '删除', reset: '恢复默认', apply: '使用', by: '{{name}} 共享', warn: '需留意', bad: '严重', seconds: '秒', percent: '%', kept: '视图已保存', pick: '看板视图' },
  panel: { campaigns: '外呼活动', traffic: '流量图', trunks: '中继', lists: '名单', agents: '坐席', calls: '通话' },
  column: { campaign: '外呼活动', contact: '联系人' },
  threshold: { ready: '就绪无通话', talking: '通话', wrapUp: '话后处理', notReady: '未就绪', waiting: '等待坐席的被叫', abandonment: '呼损率占上限比例', trunkFailures: '中继失败率' },
  steer: { open: '调整', title: '调整 {{name}}', mode: '模式', ratio: '每名就绪坐席的呼叫数', target: '呼损率上限（%）', caller: '主叫号码', lines: '最多线路', linesHint: '0：以中继为准', weight: '中继份额', lists: '名单（按顺序）', addList: '添加名单', turns: '名单轮换方式', inTurn: '逐个拨打', together: '合并拨打', mix: '按权重', save: '立即更改', saved: '已更改，立即生效', nothing: '没有改动', up: '上移', drop: '移除', stale: '他人已更改此活动。现显示最新内容，请查看后再改。' },
  changes: { tab: '更改记录', title: '更改记录', empty: '尚无更改。', when: '时间', who: '操作人', what: '内容', from: '原值', to: '新值', system: '系统', unset: '未设置', long: '{{n}} 字节', lists: '{{n}} 个名单', mark: '{{time}} {{who}}：{{what}}' },
  alerts: { title: '告警', none: '目前没有需要处理的事项。', ack: '我来处理', acked: '{{name}} 正在处理', since: '自 {{time}}', log: '历史告警', over: '已恢复', hide: '收起历史告警', count: '{{n}} 条告警，其中 {{critical}} 条紧急', badge: '告警', near: '呼损率接近上限时告警', nearHint: '达到上限的这一比例时告警；留空为 80%', idleAfter: '坐席空闲告警', idleHint: '就绪而无通话超过此时长时告警；留空为 300 秒' },
  wall: { title: '大屏', open: '大屏', leave: '返回看板', agents: '坐席', ready: '就绪', talking: '通话中', wrapUp: '话后处理', notReady: '未就绪', dialing: '呼叫中', waiting: '等待的被叫', abandonment: '呼损率', live: '真人接听', campaigns: '外呼活动', supply: '中继与名单', alerts: '告警', allWell: '一切正常', idleLongest: '最长空闲', capOf: '上限 {{value}}', lost: '连接中断：以下为 {{time}} 的数据', more: '另有 {{n}} 项' },
  hooks: { lookOnly: '由管理员更改。', title: '推送', add: '添加地址', none: '尚未推送任何事件。', noneHint: '指定地址后，告警、结果或呼叫结束等事件会签名推送过去。', name: '名称', url: '地址', urlHint: 'https，公网地址', topics: '事件', enabled: '推送', off: '已关闭', well: '投递正常', failing: '自 {{time}} 起失败', idle: '尚无推送', delivered: '已投递', waiting: '等待', dead: '已放弃', edit: '更改', remove: '删除', removeAsk: '删除 {{name}}？', removeHint: '等待推送的内容将一并删除。', test: '发送测试', tested: '测试已发出', secret: '密钥', secretHint: '推送以此密钥签名。仅显示这一次，请立即复制。', renew: '更换密钥', renewAsk: '更换 {{name}} 的密钥？', renewHint: '新密钥立即生效；接收方更新之前会拒收。', copy: '复制', copied: '已复制', close: '已保存好', posts: '{{name}} 的推送', show: '推送记录', tries: '尝试次数', error: '最近错误', retry: '重新发送', retryAll: '全部重发', noPosts: '无。', at: '时间', save: '保存' },
};
