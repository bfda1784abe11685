export const agenda = {
  title: '回拨', today: '今天', date: '日期', view: '显示天数', day: '日', week: '周', clock: '按谁的时间', mine: '我的时间（{{zone}}）', callee: '对方时间', hour: '小时',
  campaign: '外呼活动', allCampaigns: '全部活动', agent: '坐席', allAgents: '全部坐席', anyone: '任何坐席', me: '我', whose: '谁的回拨', mineAndShared: '我的与共享的', mineOnly: '我的', sharedOnly: '共享的', take: '由我回拨', taken: '该回拨已归您', takeHint: '活动的任何坐席均可处理；由您领取后将等待您回拨。',
  overdue: '{{count}} 个已逾期', there: '对方时间', here: '我的时间', entry: '{{day}} {{time}}：{{name}}，{{who}}',
  calling: '正在呼叫该联系人', nextAt: '已推迟；下次呼叫：{{when}}', time: '时间', calleeTime: '对方所在地时间（{{zone}}）', yourTime: '您的时间：{{when}}', past: '该时间已过',
  note: '备注', save: '保存', moved: '回拨已保存', cancel: '取消回拨', keep: '保留', reason: '原因', cancelled: '回拨已取消',
  cancelHint: '将不再回拨，该联系人在此活动中结束。',
  asking: '正在检查呼叫规则…', lawful: '该时间可以呼叫。', unlawful: '该时间不得呼叫：{{reason}}', useNext: '改为 {{when}}', never: '一年内均不得呼叫该联系人。',
};

export const articles = {
  title: '知识库', search: '搜索文章', none: '没有符合的文章', noneHint: '坐席可按词语及话术页面的主题找到已发布的文章。', create: '新建文章', edit: '编辑文章',
  titleEN: '英文标题', titleZH: '中文标题', bodyEN: '英文正文', bodyZH: '中文正文', bodyHint: '纯文本；空行表示新段落', topics: '主题', topicsHint: '与话术页面的主题用词一致；按回车添加',
  status: '状态', draft: '草稿', published: '已发布', changed: '修改时间', save: '保存', publish: '发布', withdraw: '退回草稿', saved: '文章已保存', remove: '删除', removeAsk: '删除这篇文章？', removed: '文章已删除',
  panel: '文章', forPage: '本页相关', back: '全部文章',
};
