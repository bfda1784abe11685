export const tape = {
  policy: '录音', policyHint: '对方与坐席分声道录制',
  policies: { always: '全部通话', demand: '按需录音', percent: '按比例抽录', never: '不录音' },
  demandHint: '坐席或主管开始录音之前，不保留任何内容。', percent: '比例', percentHint: '由通话编号推算得出：事后任何人都能核对某通电话为何被录或未录。',
  announce: '录音告知', announceHint: '提示音名称。录音通话开始时双方都会听到；未能播放则不录音。留空：不告知。',
  pause: '暂停自动结束', pauseHint: '对方报出银行卡信息时录音为静音，之后自动继续。0：90 秒。',
  retention: '保存期限', retentionHint: '到期后删除，依法保留的除外。0：一直保存。', days: '天',
  required: '无法录音则不外呼', requiredHint: '录音无法保存时不再发起新呼叫，进行中的通话不受影响。',
  recorded: '录音方式', callee: '对方', agent: '坐席', speed: '语速', stopPlay: '暂停', keys: '空格：播放或暂停；← →：5 秒；1、2：静音一侧；+ −：语速', newer: '更新', least: '不少于（秒）', most: '不超过（秒）', from: '起始日', to: '截止日', question: '问题', answer: '回答', noMatch: '没有符合条件的录音。',
  share: '生成分享链接', shareFor: '有效时间', shareHint: '持有链接者可收听这一条录音。生成和使用都会记入审计日志。', shareMake: '生成链接', shareUntil: '有效期至 {{when}}', copy: '复制', copied: '已复制',
  hold: '依法保留', held: '已保留', holdWhy: '保留原因', holdHint: '管理员解除之前不会删除。', heldBy: '{{name}} 保留：{{reason}}',
  mark: { announced: '已告知录音', unannounced: '告知未能播放', paused: '已暂停', resumed: '已继续', started: '开始录音', stopped: '停止录音', step: '脚本页', answer: '回答', disposition: '登记结果', quiet: '未录音' },
  desk: {
    pause: '暂停录音', resume: '继续录音', start: '开始录音', stop: '停止录音', on: '录音中', paused: '未在录音', goesOn: '自动继续倒计时', demand: '开始之前不录音', refused: '未录音：告知未能播放',
  },
};
