export const help = {
  ask: '向主管求助', askTitle: '求助', askHint: '所有主管都会看到求助及您的通话。内容可不填。', what: '什么事情？', send: '发送', asked: '您已求助', next: '下一个就是您', position: '第 {{n}} 位，共 {{count}} 位', comes: '{{name}} 正在处理', withdraw: '撤回',
  messages: '消息', unread: '消息，{{count}} 条未读', newFrom: '{{name}} 发来消息', read: '已读', more: '另有 {{count}} 条', all: '全部消息', none: '暂无消息', noneHint: '您与主管之间的消息都保留在这里。', write: '写消息', readAt: '{{time}} 已读', sent: '已发送',
  kind: { chat: '消息', coaching: '辅导备注', notice: '通知' }, about: '关于与 {{name}} 的通话', until: '{{time}} 前有效',
  ordered: '由 {{name}} 指令', orderedOff: '{{name}} 要求您此后离开', orderedAnyone: '主管',
  queue: '求助', nobody: '没有坐席求助', closed: '已完成', elsewhere: '其他团队 {{count}} 人', attended: '{{count}} 人处理中', waiting: '{{count}} 人等待', come: '我来处理', watch: '监听', close: '完成', closeTitle: '结束 {{name}} 的求助', answer: '答复', answerHint: '将作为消息发给坐席；可不填', taken: '{{name}} 正在处理', call: '通话：{{name}}', noCall: '无通话', away: '未签入', callOver: '通话已结束',
  chats: '消息', noChats: '没有人留言', noChatsHint: '在坐席列表中打开坐席即可给其留言。', newThread: '未读',
  open: '给 {{name}} 留言或下达指令', orders: '指令', pause: '示忙', ready: '示闲', logout: '签出', free: '解除', reason: '原因', after: '通话后', now: '立即',
  nowHint: '“立即”也会结束预览或话后处理，该通话记为未登记结果。通话绝不会被中断。', freeHint: '让卡在话后处理或预览中的坐席脱身，重新呼叫未接通的话机，或结束坐席界面上早已结束的通话。',
  done: '已执行', waits: '已下达：待通话结束或其通话有人接手后执行', coach: '作为此通话的备注',
  notices: '通知', noticeBody: '内容', to: '发给', toAll: '全部坐席', toCampaign: '某活动的坐席', toTeam: '某团队', which: '对象', for: '显示时长', min: '{{count}} 分钟', hours: '{{count}} 小时', noNotices: '暂无通知', noticeHint: '坐席界面立即显示；到期前签入的坐席也会看到。', readBy: '{{count}} 人中 {{read}} 人已读', end: '收回', over: '已结束', receipts: '已读情况', unreadBy: '未读', noticeSent: '通知已发送',
};
