export const watch = {
  title: '旁听坐席', stop: '停止', endCall: '结束通话', silent: '坐席不知情', more: '对 {{name}} 的更多操作',
  needsTalk: '仅在坐席与联系人通话时可用',
  mode: { listen: '监听', whisper: '耳语', barge: '强插', takeover: '接管' },
  hint: {
    listen: '您能听到双方，双方听不到您', whisper: '坐席能听到您，联系人听不到', barge: '三方互相都能听到',
    takeover: '通话转给您，坐席进入话后处理',
  },
  now: {
    listen: '您正在监听 {{name}}', whisper: '您正在对 {{name}} 耳语', barge: '您已加入 {{name}} 的通话：联系人能听到您',
    takeover: '您正在接管 {{name}} 的通话',
  },
  between: {
    listen: '{{name}} 正在等待下一个通话', whisper: '{{name}} 正在等待，下一个通话中能听到您',
    barge: '{{name}} 正在等待下一个通话', takeover: '{{name}} 正在等待下一个通话',
  },
  state: {
    ringing: '您的话机正在振铃，接听后即可旁听 {{name}}', waiting: '暂时听不到 {{name}}，恢复后自动继续',
    talking: '您已接管 {{name}} 的通话，正在与联系人交谈',
  },
  other: { listen: '{{name}} 正在监听', whisper: '{{name}} 正在耳语', barge: '{{name}} 已强插', takeover: '{{name}} 已接管通话' },
  desk: { listen: '{{name}} 正在监听', whisper: '{{name}} 正在对您讲话', barge: '{{name}} 已加入通话' },
  setting: '不告知坐席有人监听', settingHint: '不勾选时，坐席会看到哪位主管在监听、耳语或强插。无论如何都会记入审计日志。',
  code: '编号 {{code}}', codeHint: '主管话机：81 加此编号监听，82 耳语，83 强插，84 接管通话',
};
