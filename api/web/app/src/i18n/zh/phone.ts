export const phone = {
  title: '网页电话', blocked: '电话暂不可用', you: '您', them: '对方',
  quality: '通话质量', loss: '丢包', jitter: '抖动', rtt: '往返时延', codec: '编码',
  mic: '麦克风', speaker: '耳机', ringer: '提示音', system: '跟随系统', device: '设备 {{n}}',
  unplugged: '未插入：改用系统设备', beep: '客户接入时发出提示音', clean: '消除回声和噪声',
  voice: '语音编码', voiceUlaw: '普通电话（G.711）', voiceOpus: '弱网络（Opus）', voiceHint: 'Opus 更能承受丢包，例如在家办公时。',
  take: '在此处使用电话', soundOn: '打开声音', again: '重试',
  test: {
    start: '测试通话', hint: '通过电话系统听到自己的声音。', calling: '正在呼叫……', speak: '请说话：您应能听到自己的声音。',
    hearing: '已收到您的声音。', good: '双向通话正常。', silent: '没有收到声音。请检查上面的麦克风和耳机。',
    failed: '测试通话未接通，请稍后重试。',
  },
  news: {
    lost: '电话已中断，会自动恢复。', back: '电话已重新连接。', taken: '您的电话已在别处使用。',
  },
  chooseHint: '您的电话就在本页面中：请保持页面打开，来电会接到这里。',
  idleHint: '正在连接。如果浏览器询问，请允许使用麦克风。',
};
