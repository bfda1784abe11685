export const tape = {
  policy: '录音', policyHint: '对方与坐席分声道录制',
  policies: { always: '全部通话', demand: '按需录音', percent: '按比例抽录', never: '不录音' },
  demandHint: '坐席或主管开始录音之前，不保留任何内容。', percent: '比例', percentHint: '由通话编号推算得出：事后任何人都能核对某通电话为何被录或未录。',
  announce: '录音告知', announceHint: '提示音名称。录音通话开始时双方都会听到；未能播放则不录音。留空：不告知。',
  pause: '暂停自动结束', pauseHint: '对方报出银行卡信息时录音为静音，之后自动继续。0：90 秒。',
  retention: '保存期限', retentionHint: '到期后删除，依法保留的除外。0：一直保存。', days: '天',
  required: '无法录音则不外呼', requiredHint: '录音无法保存时不再发起新呼叫，进行中的通话不受影响。',
  desk: {
    pause: '暂停录音', resume: '继续录音', start: '开始录音', stop: '停止录音', on: '录音中', paused: '未在录音', goesOn: '自动继续倒计时', demand: '开始之前不录音', refused: '未录音：告知未能播放',
  },
};
